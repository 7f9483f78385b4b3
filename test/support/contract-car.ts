import type { Conversation } from '#device-sdk/dialect.ts';
import type { JsonObject } from '#device-sdk/json-object.ts';
import type { Rollout } from '#device-sdk/ota/rollout.ts';
import type { Transport } from '#device-sdk/transport.ts';
import type { Vehicle, VehicleOptions } from '#device-sdk/vehicle.ts';
import type { PlannedVehicle } from '#local/factory/fleet-plan.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { isVehicleId, type VehicleId } from '#shared/registry/vehicle-id.ts';
import type { JourneyCloud } from './journey-cloud.ts';

type Line = Pick<VehicleOptions, 'transport'> & Partial<Pick<VehicleOptions, 'claim'>>;

/** A vehicle on the device SDK that remembers what it was told, and is on the road or away. */
export class ContractCar {
  readonly vehicleId: VehicleId;
  /** Ids of the commands that it carried out. */
  readonly heard: string[] = [];
  /** By twin. */
  readonly wishes: { readonly twin: string; readonly desired: JsonObject }[] = [];
  rollout: Rollout | undefined;
  #vehicle: Vehicle | undefined;
  readonly #home: JourneyCloud;
  readonly #vin: string;
  readonly #line: Line;

  private constructor(home: JourneyCloud, vin: string, vehicleId: VehicleId, line: Line) {
    this.#home = home;
    this.#vin = vin;
    this.vehicleId = vehicleId;
    this.#line = line;
  }

  static async known(
    home: JourneyCloud,
    planned: PlannedVehicle,
    line: (vehicleId: VehicleId) => Line,
  ): Promise<ContractCar> {
    const vehicleId = await home.journey.registered(planned);
    if (!isVehicleId(vehicleId)) throw new Error(vehicleId);
    return new ContractCar(home, planned.vin, vehicleId, line(vehicleId));
  }

  async come(): Promise<void> {
    const transport = overheard(this.#line.transport, ({ rollout }) => {
      this.rollout = rollout;
    });
    const vehicle = this.#home.journey.vehicle(this.#vin, { ...this.#line, transport });
    this.#vehicle = vehicle;
    vehicle.commands.handle('lamps.flash', (_, { commandId }) => void this.heard.push(commandId));
    vehicle.onAnyTwin((twin, desired) => {
      this.wishes.push({ twin, desired });
      return undefined;
    });
    await vehicle.connect();
    this.rollout?.look();
    await this.isKnown();
  }

  /** The platform knows that it is there. */
  async isKnown(): Promise<void> {
    await this.#home.journey.active(this.vehicleId, 30_000);
  }

  async go(): Promise<void> {
    await this.#vehicle?.close();
    const ask = () => this.#home.journey.operator.get(`/v1/vehicles/${this.vehicleId}`);
    await eventually('away', ask, ({ body }) => at(body, 'connection', 'connected') === false, 30_000);
  }

  async report(twin: string, settings: JsonObject): Promise<void> {
    await this.#vehicle?.twin(twin).report(settings);
  }

  get isOnline(): boolean {
    return this.#vehicle?.presence.status === 'online';
  }
}

/** A vehicle that waits for releases, with nothing on board to be released. */
function overheard({ dialect, ...transport }: Transport, hear: (conversation: Conversation) => void): Transport {
  return {
    ...transport,
    dialect: {
      ...dialect,
      converse(parts) {
        const conversation = dialect.converse(parts);
        hear(conversation);
        const filters = conversation.filters.bind(conversation);
        return Object.assign(conversation, {
          filters: (topics: Parameters<typeof filters>[0]) => filters(topics, true),
        });
      },
    },
  };
}
