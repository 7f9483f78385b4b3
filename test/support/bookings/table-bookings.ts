import { setImmediate as turn } from 'node:timers/promises';

export interface TableItem {
  readonly version: number;
  readonly fence: number;
  readonly reservation: string | null;
  readonly person?: string;
  readonly expiresAt?: number;
}

/**
 * Bookings over a table in memory. `careless` reads, decides and then writes without a condition, while between the two
 * others have their turn, as on any network: the negative control, which whoever judges must find guilty. `careful` writes
 * on condition that nobody has written since.
 */
export class TableBookings {
  readonly #manner: 'careless' | 'careful';
  readonly #items = new Map<string, TableItem>();

  constructor(manner: 'careless' | 'careful') {
    this.#manner = manner;
  }

  read(car: string): TableItem {
    return this.#items.get(car) ?? { version: 1, fence: 0, reservation: null };
  }

  hold(car: string, person: string, reservation: string, expiresAt: number): Promise<TableItem | undefined> {
    return this.#decided(car, (seen) => {
      const { version, fence } = seen;
      if (seen.reservation !== null) return undefined;
      return { version: version + 1, fence: fence + 1, reservation, person, expiresAt };
    });
  }

  cancel(car: string, reservation: string): Promise<TableItem | undefined> {
    return this.#decided(car, (seen) => {
      const { version, fence } = seen;
      return seen.reservation === reservation ? { version: version + 1, fence, reservation: null } : undefined;
    });
  }

  /** @returns what was written, undefined where it was refused */
  async #decided(car: string, decide: (seen: TableItem) => TableItem | undefined): Promise<TableItem | undefined> {
    const seen = this.read(car);
    await turn();
    const next = decide(seen);
    const isUnchanged = this.read(car).version === seen.version;
    if (next === undefined) return undefined;
    // Somebody was quicker: to be asked again, by whoever still wants it.
    if (this.#manner === 'careful' && !isUnchanged) return this.#decided(car, decide);
    this.#items.set(car, next);
    await turn();
    return next;
  }
}
