import type { Vehicle } from '#device-sdk/vehicle.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { signIn } from '#local/tour/sign-in.ts';
import { at, eventually } from '#local/tour/telling.ts';
import type { JourneyCloud } from '../journey-cloud.ts';

/** Says in a word how it stands with what was made: `good`, or the name under which it is refused. */
export type Ask = () => Promise<string>;

/** Makes what is good for a time; asked just before its end, just after it, and when the clock was set back. */
export type Make = (stage: Stage) => Promise<Ask | readonly [before: Ask, after: Ask, back: Ask]>;

let serial = 0;

export function newVin(): string {
  serial += 1;
  return `WVWZZZTME${String(serial).padStart(8, '0')}`;
}

/** Who meets the ends of things. Each asks with a token of the present hour. */
export class Stage {
  readonly scene: JourneyCloud;
  readonly #cars: Vehicle[] = [];

  constructor(scene: JourneyCloud) {
    this.scene = scene;
  }

  get file() {
    return this.scene.cloud.file;
  }

  get operator(): ApiClient {
    return new ApiClient(this.file, 'operator');
  }

  async person(name: string): Promise<ApiClient> {
    const { accessToken } = await signIn(this.file, name);
    return new ApiClient(this.file, async () => accessToken);
  }

  /** The physical name of a table or bucket. */
  nameOf(type: string, logicalId: string): string {
    const found = [...this.scene.cloud.execution.resources.values()].find(
      (one) => one.type === type && one.logicalId.startsWith(logicalId),
    );
    if (found === undefined) throw new Error(`There is no ${type} ${logicalId}`);
    return found.ref;
  }

  /** A vehicle on the SDK that is online. */
  async car() {
    const vin = newVin();
    const vehicleId = await this.scene.journey.registered({ ...golf, vin });
    const car = this.carNamed(vin);
    await car.connect();
    await this.active(vehicleId);
    return { vin, vehicleId, car };
  }

  /** A vehicle on the SDK with the memory of that name. */
  carNamed(vin: string, name: string = vin): Vehicle {
    const car = this.scene.journey.vehicle(vin, {}, name);
    this.#cars.push(car);
    return car;
  }

  /** Nobody drives on: each move of the clock would have them connect again. */
  async end(): Promise<void> {
    await Promise.all(this.#cars.map((car) => car.close()));
  }

  async active(vehicleId: string): Promise<void> {
    await eventually(
      'an active, connected vehicle',
      () => this.operator.get(`/v1/vehicles/${vehicleId}`),
      ({ body }) => at(body, 'connection', 'connected') === true && at(body, 'status') === 'active',
    );
  }
}

/** What becomes of a call of AWS: `good`, or the error's name. */
export async function outcomeOf<Client extends { destroy(): void }>(
  client: Client,
  call: (client: Client) => Promise<unknown>,
): Promise<string> {
  try {
    await call(client);
    return 'good';
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  } finally {
    client.destroy();
  }
}

export const statusOf = (good: number, status: number): string => (status === good ? 'good' : String(status));

export function problemOf({ status, body }: { readonly status: number; readonly body: unknown }): string {
  return status < 400 ? 'good' : String(at(body, 'type')).replace('/docs#problem-', '');
}
