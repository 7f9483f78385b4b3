import type { Vehicle } from '#device-sdk/vehicle.ts';
import type { ApiClient } from '#local/tour/api-client.ts';
import { at, eventually } from '#local/tour/telling.ts';

/** A vehicle that works under load. */
export interface LoadedCar {
  readonly vehicleId: string;
  /** Readings that it has acknowledged so far. */
  readonly measured: number;
  /** Measures once more, if it does not do so by itself. */
  measure(turn: number): void;
  showCode(): Promise<{ readonly code: string }>;
  /** @throws what it acknowledged and is missing */
  isAllThere(operator: ApiClient): Promise<void>;
}

/** A vehicle in the test's own process, which never dies. */
export class LastingCar implements LoadedCar {
  readonly vehicleId: string;
  readonly #vehicle: Vehicle;
  readonly #measured: number[] = [];
  readonly #began = Date.now() - 3_600_000;

  constructor(vehicle: Vehicle, vehicleId: string) {
    this.vehicleId = vehicleId;
    this.#vehicle = vehicle;
    vehicle.commands.handle('doors.lock', () => undefined);
  }

  get measured(): number {
    return this.#measured.length;
  }

  measure(turn: number): void {
    this.#vehicle.telemetry.record('Vehicle.TraveledDistance', turn, { at: this.#began + turn });
    this.#measured.push(turn);
  }

  showCode() {
    return this.#vehicle.ownership.showCode();
  }

  async isAllThere(operator: ApiClient): Promise<void> {
    await this.#vehicle.telemetry.flush();
    const wanted = JSON.stringify(this.#measured);
    await eventually(
      'every reading once, in order',
      async () => JSON.stringify(await readings(operator, this.vehicleId, this.#began)),
      (values) => values === wanted,
      60_000,
    );
  }
}

/** Every value of the odometer since then, page after page, the earliest first. */
export async function readings(operator: ApiClient, vehicleId: string, from: number): Promise<readonly unknown[]> {
  const since = encodeURIComponent(new Date(from).toISOString());
  const path = `/v1/vehicles/${vehicleId}/telemetry/history?signal=Vehicle.TraveledDistance&limit=1000&from=${since}`;
  const found: unknown[] = [];
  let cursor: unknown;
  do {
    const { body } = await operator.get(cursor === undefined ? path : `${path}&cursor=${cursor}`);
    const page = at(body, 'readings');
    if (Array.isArray(page)) found.push(...page.map((reading) => at(reading, 'value')));
    cursor = at(body, 'nextCursor');
  } while (cursor !== undefined);
  return found;
}
