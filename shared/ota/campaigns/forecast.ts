import type { Instant } from '../../kernel/clock.ts';
import { nextStep, type Rollout, type Standing } from './schedule.ts';

/** When everybody will have been offered it at this plan, and when everybody who accepts can be through. */
export interface Forecast {
  readonly offeredBy?: Instant;
  /** At the earliest: how long drivers wait nobody knows. */
  readonly installedBy?: Instant;
}

/** What the device cloud takes, by its quotas (docs/prices.md). */
export interface Capacity {
  /** Offers a minute: changes of shadows. */
  readonly offersPerMinute: number;
  /** Vehicles that join a job a minute: 100 changes of memberships a second, and each vehicle joins and leaves. */
  readonly releasesPerMinute: number;
}

export const usualCapacity: Capacity = { offersPerMinute: 60_000, releasesPerMinute: 3_000 };

const minute = 60_000;
/** A plan that is not through after so many minutes is as good as never. */
const mostSteps = 100_000;

/**
 * Plays the schedule's own decisions ahead, a minute at a time. Waves are taken to succeed; where the plan does not come
 * to an end, nothing is said.
 *
 * @param share of the vehicles that accept, 0 … 1
 */
export function forecast(
  rollout: Rollout,
  standing: Standing,
  share: number,
  now: Instant,
  capacity: Capacity = usualCapacity,
): Forecast {
  const plan = { ...rollout, waves: rollout.waves.map(({ leastSuccessPercent: _, ...wave }) => wave) };
  let state = standing;
  let at = now;
  for (let steps = 0; steps < mostSteps; steps++) {
    if (state.offered >= state.enlisted) {
      const left = Math.max(0, state.enlisted * share - state.installed - state.failed);
      const released = now + Math.ceil(left / capacity.releasesPerMinute) * minute;
      return { offeredBy: at, installedBy: Math.max(at, released) };
    }
    const step = nextStep(plan, state, at, capacity.offersPerMinute);
    state = { ...state, offered: state.offered + step.offers, pace: step.pace };
    if (step.next === undefined) continue;
    at = state.offered >= state.enlisted ? at : Math.max(step.next, at + minute);
  }
  return {};
}
