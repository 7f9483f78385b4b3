import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { at, eventually } from '#local/tour/telling.ts';
import type { JourneyCloud } from './journey-cloud.ts';
import type { MovedVehicle } from './moved-vehicle.ts';

const signal = 'Vehicle.TraveledDistance';

/** A vehicle that measures and is told to flash, all along, and what has to have become of that. */
export class Drive {
  readonly #home: JourneyCloud;
  readonly #moved: MovedVehicle;
  /** ms since the Unix epoch; each reading is a millisecond later. */
  readonly #began: number;
  readonly #commandIds: string[] = [];
  #readings = 0;
  #isOver = false;

  constructor(home: JourneyCloud, moved: MovedVehicle) {
    this.#home = home;
    this.#moved = moved;
    this.#began = home.cloud.clock.now() - 600_000;
  }

  /** Drives there: from before the move is asked for until the platform has settled it, and some way on. */
  async to(name: string): Promise<void> {
    const under = [this.#measures(), this.#isTold()];
    const some = (count: number) =>
      eventually(
        'some commands',
        () => this.#commandIds.length,
        (now) => now >= count,
      );
    await some(2);
    expect(await this.#moved.send(name)).toMatchObject({ status: 202 });
    await this.#moved.eventuallyIs('settled');
    await some(this.#commandIds.length + 2);
    this.#isOver = true;
    await Promise.all(under);
  }

  /** Everything was stored once, and done once. */
  async isInOrder(): Promise<void> {
    await this.#moved.vehicle.telemetry.flush();
    const expected = Array.from({ length: this.#readings }, (_, value) => value);
    await eventually(
      'every reading',
      () => this.#stored(),
      (values) => values.length >= expected.length,
      30_000,
    );
    expect(await this.#stored()).toEqual(expected);
    for (const commandId of this.#commandIds) {
      const ask = async () => at((await this.#home.journey.operator.get(this.#command(commandId))).body, 'status');
      const status = await eventually('an outcome', ask, (now) => now !== 'sent' && now !== 'accepted', 30_000);
      expect([commandId, status]).toEqual([commandId, 'succeeded']);
    }
    const done = this.#moved.obeyed.filter((commandId) => this.#commandIds.includes(commandId));
    expect(done.sort()).toEqual([...this.#commandIds].sort());
  }

  async #measures(): Promise<void> {
    while (!this.#isOver) {
      const value = this.#readings++;
      this.#moved.vehicle.telemetry.record(signal, value, { at: this.#began + value });
      await pause(10);
    }
  }

  async #isTold(): Promise<void> {
    const { operator } = this.#home.journey;
    while (!this.#isOver) {
      const told = await operator.post(`${this.#moved.path}/commands`, { name: 'horn-lights.flash' });
      expect(told, JSON.stringify(told.body)).toMatchObject({ status: 202 });
      this.#commandIds.push(String(at(told.body, 'commandId')));
      await pause(100);
    }
  }

  #command(commandId: string): string {
    return `${this.#moved.path}/commands/${commandId}`;
  }

  async #stored(): Promise<readonly unknown[]> {
    const values: unknown[] = [];
    const from = new Date(this.#began).toISOString();
    for (let cursor = ''; ; ) {
      const query = `signal=${signal}&from=${from}&limit=1000${cursor}`;
      const { body } = await this.#home.journey.operator.get(`${this.#moved.path}/telemetry/history?${query}`);
      const readings = at(body, 'readings');
      if (Array.isArray(readings)) values.push(...readings.map((reading) => at(reading, 'value')));
      const next = at(body, 'nextCursor');
      if (typeof next !== 'string') return values;
      cursor = `&cursor=${next}`;
    }
  }
}
