import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { aVehicleId } from '../../contract/samples.ts';
import { aDriver, now } from '../booking-samples.ts';
import type { Recorder } from './recorder.ts';

/** Of every history of a crowd. */
export const crowdHead = { guard: 30_000, skew: 5_000, complete: true, settled: false } as const;

/** Who is there, how time goes on, and who takes it all down: the same for all processes of one crowd. */
export interface CrowdScene {
  readonly cars: readonly string[];
  readonly people: readonly Driver[];
  readonly time: CrowdTime;
  readonly recorder: Recorder;
  /** Where another process counts what was done: whether it has had enough. */
  readonly isOver?: () => boolean;
}

/** The true clock, ms since the epoch: everybody's own is wrong. */
export interface CrowdTime {
  now(): number;
  /** Somebody is about to do something. */
  passes(random: () => number): void;
}

export function newScene(
  size: { readonly cars: number; readonly people: number },
  recorder: Recorder,
  time: CrowdTime = timeOfDeeds(),
): CrowdScene {
  const cars = Array.from({ length: size.cars }, () => aVehicleId());
  return { cars, people: Array.from({ length: size.people }, () => aDriver()), time, recorder };
}

/** It goes on with each operation. */
function timeOfDeeds(): CrowdTime {
  let at = now;
  return {
    now: () => at,
    // 30,000 s a crowd of 20,000, in which some holds wait for the guard; and now and then nobody comes for ten minutes.
    passes: (random) => {
      at += random() < 0.002 ? 600_000 : Math.round(random() * 3_000);
    },
  };
}

/** It goes on with the machine's monotonic clock, which all its processes share. @param since when it began, in ms of it */
export function timeOfMachine(since: number): CrowdTime {
  // The eight minutes of a hold are a second: many expire while the crowd is there.
  const speed = 500;
  return { now: () => now + Math.round((machineClock() - since) * speed), passes: () => {} };
}

/** ms since the machine was started. */
export function machineClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
