import type { CarSeen, History } from './history.ts';
import { type Answer, HistoryRecorder } from './recorder.ts';
import type { TableBookings, TableItem } from './table-bookings.ts';

export interface Crowd {
  readonly clients: number;
  readonly cars: number;
  readonly operations: number;
  /** 0 … 1 of the answers are lost: half of what they were about has happened. */
  readonly lost: number;
  /** Versions, fences and states are taken down; otherwise the answers alone. */
  readonly sees: 'everything' | 'answers';
}

/** Clients who take cars and give them back, and what they were answered. The same `random`, the same crowd. */
export async function crowdOn(bookings: TableBookings, crowd: Crowd, random: () => number): Promise<History> {
  const recorder = new HistoryRecorder({
    ...{ guard: 30_000, skew: 5_000, settled: false },
    // Who loses an answer does not know which version it was about.
    complete: crowd.sees === 'everything' && crowd.lost === 0,
  });
  const each = Math.ceil(crowd.operations / crowd.clients);
  const clients = Array.from(
    { length: crowd.clients },
    (_, place) => new Client(place, bookings, recorder, crowd, random),
  );
  await Promise.all(clients.map((client) => client.run(each)));
  return recorder.history();
}

class Client {
  readonly #name: string;
  readonly #bookings: TableBookings;
  readonly #recorder: HistoryRecorder;
  readonly #crowd: Crowd;
  readonly #random: () => number;
  readonly #skew: number;

  constructor(place: number, bookings: TableBookings, recorder: HistoryRecorder, crowd: Crowd, random: () => number) {
    this.#name = `c${place}`;
    this.#bookings = bookings;
    this.#recorder = recorder;
    this.#crowd = crowd;
    this.#random = random;
    this.#skew = Math.round(10_000 * random()) - 5_000;
  }

  async run(operations: number): Promise<void> {
    for (let done = 0; done < operations; ) {
      const car = `car-${Math.floor(this.#random() * this.#crowd.cars)}`;
      const reservation = `r-${this.#name}-${done}`;
      const person = `p-${this.#name}-${done}`;
      const asked = { client: this.#name, car, person, operator: 'we-share', key: reservation };
      const hold = await this.#ask({ ...asked, operation: 'hold' }, reservation, () =>
        this.#bookings.hold(car, person, reservation, Date.now() + 900_000),
      );
      done += 1;
      if (hold.outcome === 'refused') continue;
      // Also where the answer was lost: it may stand there.
      await this.#ask({ client: this.#name, car, operation: 'cancel', reservation }, reservation, () =>
        this.#bookings.cancel(car, reservation),
      );
      done += 1;
    }
  }

  #ask(
    asked: Parameters<HistoryRecorder['during']>[0],
    reservation: string,
    work: () => Promise<TableItem | undefined>,
  ): Promise<Answer> {
    const clock = () => Date.now() + this.#skew;
    return this.#recorder.during(asked, clock, async () => {
      const isLost = asked.operation === 'hold' && this.#random() < this.#crowd.lost;
      if (isLost && this.#random() < 0.5) return { outcome: 'unknown' };
      const written = await work();
      if (isLost) return { outcome: 'unknown' };
      if (written === undefined) return { outcome: 'refused', reason: 'vehicle-reserved' };
      return { outcome: 'done', reservation, seen: [this.#seen(asked.car ?? '', written)] };
    });
  }

  #seen(car: string, { version, fence, reservation, person, expiresAt }: TableItem): CarSeen {
    const terms = { ...(person !== undefined && { person }), ...(expiresAt !== undefined && { expiresAt }) };
    if (this.#crowd.sees === 'answers') return { of: 'car', car, reservation, ...terms };
    const state = reservation === null ? 'available' : 'reserved';
    return { of: 'car', car, version, fence, state, reservation, ...terms, wrote: true };
  }
}
