import { failureClasses } from '../campaigns/statistics.ts';
import type { FailureClass } from '../updates/update.ts';
import { Draws } from './draws.ts';
import type { Scenario } from './scenario.ts';

const hour = 3_600_000;

/** What drivers, networks and control units do, drawn as the scenario has it. */
export class Chances {
  readonly #scenario: Scenario;
  readonly #draws: Draws;
  readonly #failures: readonly (readonly [FailureClass, number])[];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#draws = new Draws(scenario.seed);
    this.#failures = failureClasses.flatMap((error) => {
      const probability = scenario.failures[error];
      return probability === undefined ? [] : [[error, probability] as const];
    });
  }

  /** @returns ms until somebody looks at the offer */
  seen(): number {
    return this.#draws.waiting(this.#scenario.habits.seenAfterHours * hour);
  }

  accepts(): boolean {
    return this.#draws.chance(this.#scenario.habits.accept);
  }

  mutes(): boolean {
    return this.#draws.chance(this.#scenario.habits.mute);
  }

  waitsForNight(): boolean {
    return this.#draws.chance(this.#scenario.habits.tonight);
  }

  /** @returns ms: not all begin at the same second */
  minuteOfNight(): number {
    return this.#draws.next() * hour;
  }

  /** @returns the place of a network in the scenario */
  network(): number {
    const { networks } = this.#scenario;
    let drawn = this.#draws.next() * networks.reduce((total, { share }) => total + share, 0);
    for (const [place, { share }] of networks.entries()) {
      drawn -= share;
      if (drawn < 0) return place;
    }
    return networks.length - 1;
  }

  /** How an attempt fails; undefined where it does not. */
  failure(): FailureClass | undefined {
    let drawn = this.#draws.next();
    for (const [error, probability] of this.#failures) {
      drawn -= probability;
      if (drawn < 0) return error;
    }
    return undefined;
  }
}
