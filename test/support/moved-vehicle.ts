import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { transportOf } from '#device-sdk/examples/azure-factory.ts';
import type { Transport } from '#device-sdk/transport.ts';
import type { Vehicle } from '#device-sdk/vehicle.ts';
import type { PlannedVehicle } from '#local/factory/fleet-plan.ts';
import type { ApiAnswer } from '#local/tour/api-client.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { administrator } from './aws-clients.ts';
import type { JourneyCloud } from './journey-cloud.ts';

/** The home that the local cloud has beside AWS IoT. */
export const hub = 'vw-weu';

/** To the other device cloud. */
class Way {
  /** Nobody answers there. */
  isBlocked = false;

  through({ dialect, connect }: Transport): Transport {
    return {
      dialect,
      connect: (options, events) => {
        if (!this.isBlocked) return connect(options, events);
        const timer = setInterval(() => events.refused('nobody answers', false), 50);
        const nobody = () => Promise.reject(new Error('nobody answers'));
        return { publish: nobody, subscribe: nobody, close: async () => clearInterval(timer) };
      },
    };
  }
}

/** One that may be sent to the other device cloud, and what the platform says of it. */
export class MovedVehicle {
  readonly vehicle: Vehicle;
  readonly vehicleId: string;
  readonly way: Way;
  /** Under their ids, in the order in which they were done. */
  readonly obeyed: string[] = [];
  readonly #home: JourneyCloud;

  private constructor(home: JourneyCloud, vehicleId: string, vehicle: Vehicle, way: Way) {
    this.#home = home;
    this.vehicleId = vehicleId;
    this.vehicle = vehicle;
    this.way = way;
  }

  /** Where vehicles are at home by themselves. */
  static async online(home: JourneyCloud, planned: PlannedVehicle): Promise<MovedVehicle> {
    const { journey, cloud } = home;
    const vehicleId = await journey.registered(planned);
    const way = new Way();
    const vehicle = journey.vehicle(planned.vin, {
      elsewhere: [way.through(transportOf(cloud.file, { reconnectDelay: { min: 100, max: 2_000 } }))],
    });
    const moved = new MovedVehicle(home, vehicleId, vehicle, way);
    vehicle.twin('climate').onDesired(async (desired) => desired);
    vehicle.commands.handle('horn-lights.flash', (_, { commandId }) => void moved.obeyed.push(commandId));
    await vehicle.connect();
    await journey.active(vehicleId, 30_000);
    return moved;
  }

  get path(): string {
    return `/v1/vehicles/${this.vehicleId}`;
  }

  async seen(): Promise<unknown> {
    return (await this.#home.journey.operator.get(this.path)).body;
  }

  async step(): Promise<unknown> {
    return at(await this.seen(), 'move', 'step');
  }

  send(to: string): Promise<ApiAnswer> {
    return this.#home.journey.operator.post(`${this.path}/move`, { to });
  }

  callBack(): Promise<ApiAnswer> {
    return this.#home.journey.operator.send('DELETE', `${this.path}/move`);
  }

  /** @param step undefined: it is not moving any more */
  eventuallyIs(step: string | undefined): Promise<unknown> {
    return eventually(
      `${this.vehicleId} ${step}`,
      () => this.step(),
      (now) => now === step,
      60_000,
    );
  }

  /** Waits for the outcome. */
  flash(): Promise<ApiAnswer> {
    const { operator } = this.#home.journey;
    return operator.post(`${this.path}/commands`, { name: 'horn-lights.flash' }, { prefer: 'wait=10' });
  }

  online(): Promise<unknown> {
    const isIt = (body: unknown) => at(body, 'connection', 'connected') === true;
    return eventually(`${this.vehicleId} online`, () => this.seen(), isIt, 60_000);
  }
}

/** Says to the function that moves vehicles what others have said before, or nobody. */
export async function callMoves({ cloud }: JourneyCloud, call: object): Promise<void> {
  const client = new SQSClient(administrator(cloud.file));
  const queue = [...cloud.execution.resources.values()].find(({ logicalId }) =>
    /^MovesCalls[0-9A-F]{8}$/.test(logicalId),
  );
  await client.send(new SendMessageCommand({ QueueUrl: queue?.ref ?? '', MessageBody: JSON.stringify(call) }));
  client.destroy();
}
