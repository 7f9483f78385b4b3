import { setTimeout as pause } from 'node:timers/promises';
import { at, eventually } from '#local/tour/telling.ts';
import type { SharingDriver } from './sharing-driver.ts';
import { type SharedCar, type SharingScene, seldom } from './sharing-scene.ts';
import { minute, type StoryTime } from './story-time.ts';

const course = ['key', 'start', 'pause', 'resume', 'end'] as const;
const lines = ['start', 'pause', 'resume', 'end'] as const;

/** When a car has no network: from before one of these to after another; or its word was heard, and no answer came. */
interface Loss {
  readonly name: string;
  readonly from?: (typeof course)[number];
  readonly to?: (typeof course)[number];
  readonly unanswered?: (typeof lines)[number];
}

export const losses: readonly Loss[] = [
  { name: 'none' },
  ...course.map((from) => ({ name: `while there is ${from}`, from, to: from })),
  ...course.slice(0, -1).map((from) => ({ name: `from ${from} to the end`, from, to: 'end' as const })),
  ...lines.map((unanswered) => ({ name: `no answer to ${unanswered}`, unanswered })),
];

interface Told {
  readonly loss: Loss;
  readonly car: SharedCar;
  readonly driver: SharingDriver;
}

/** The same trip again and again, each time with another loss of the network. */
export class LossyTrips {
  readonly #scene: SharingScene;
  readonly #time: StoryTime;

  constructor(scene: SharingScene, time: StoryTime) {
    this.#scene = scene;
    this.#time = time;
  }

  /** At the same time. @returns what came of each */
  async tell(all: readonly Told[]): Promise<(readonly [string, unknown])[]> {
    const known = await Promise.all(all.map(async ({ car }) => (await this.#scene.moves(car.vehicleId)).length));
    const heard = await Promise.all(all.map(({ car }) => this.#lines(car)));
    await Promise.all(all.map(({ car, driver }) => driver.hold(car.vehicleId)));
    for (const [told, moment] of course.entries()) {
      await Promise.all(all.map((one) => this.#step(one, moment)));
      // A car is no slower to tell than time to pass.
      await Promise.all(
        all.map(({ car }, place) => (car.tunnel.inside ? undefined : this.#heard(car, (heard[place] ?? 0) + told))),
      );
      this.#time.passes(moment === 'key' ? minute : 6 * minute + 10_000);
    }
    return Promise.all(
      all.map(async (one, place) => [one.loss.name, await this.#outcome(one, known[place] ?? 0)] as const),
    );
  }

  async #step({ loss, car, driver }: Told, moment: (typeof course)[number]): Promise<void> {
    const { body, tunnel } = car;
    if (loss.from === moment) await tunnel.enter();
    if (loss.unanswered === moment) tunnel.beginsAfter('"kind":"log"');
    if (moment === 'key') await driver.key();
    else await driver.does(car, moment);
    body.set({ odometer: body.conditions().odometer + 1_700 });
    if (loss.unanswered === moment) {
      await eventually(
        'nobody answered',
        () => tunnel.inside,
        (inside) => inside,
      );
    }
    if (loss.to === moment || loss.unanswered === moment) tunnel.leave();
  }

  async #lines({ vehicleId }: SharedCar): Promise<number> {
    return Number(at((await this.#scene.vehicle(vehicleId)).body, 'log', 'sequence') ?? 0);
  }

  async #heard(car: SharedCar, all: number): Promise<void> {
    await eventually(
      `${all} lines of ${car.vehicleId}`,
      async () => {
        await pause(seldom);
        return this.#lines(car);
      },
      (known) => known >= all,
      30_000,
    );
  }

  /** As the driver, the operator and MDS know it. */
  async #outcome({ car: { vehicleId }, driver }: Told, known: number) {
    const scene = this.#scene;
    await scene.inState(vehicleId, 'available', () => this.#time.nudge());
    const trip = await driver.tripIs('settled');
    const [{ body: vehicle }, { body: account }] = await Promise.all([scene.vehicle(vehicleId), driver.account()]);
    const moves = await eventually(
      'the last move told',
      () => {
        this.#time.nudge();
        return scene.moves(vehicleId);
      },
      (told) => told.at(-1) === 'trip_end',
      30_000,
    );
    return {
      ...{ use: at(vehicle, 'use') ?? 'nobody’s', debt: at(account, 'debt') },
      ...{ bill: at(trip, 'bill'), meters: at(trip, 'meters'), payment: at(trip, 'payment') },
      moves: moves.slice(known).filter((move) => !move.startsWith('comms_')),
    };
  }
}
