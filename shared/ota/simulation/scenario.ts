import type { AbortCriterion } from '../campaigns/abort.ts';
import type { Rollout } from '../campaigns/schedule.ts';
import { type RetryPolicy, usualRetries } from '../updates/retry-policy.ts';
import type { FailureClass } from '../updates/update.ts';
import type { DeviceCloud } from './consumption.ts';

/** Of drivers and their cars. Shares and probabilities from 0 to 1. */
export interface Habits {
  /** Hours until an offer is seen: on average, as somebody who drives at any time. */
  readonly seenAfterHours: number;
  readonly accept: number;
  /** Of those who do not accept; the others are reminded after two days. */
  readonly mute: number;
  /** How often somebody is reminded before they stop looking. */
  readonly reminders: number;
  /** Of those who accept: not now, but at night. */
  readonly tonight: number;
}

export interface NetworkProfile {
  readonly name: string;
  /** Of the vehicles. */
  readonly share: number;
  readonly megabitsPerSecond: number;
  /** In which a vehicle is awake and has a network. */
  readonly hoursPerDay: number;
}

/** A second, of one account in one region, unless it says otherwise. */
export interface CloudQuotas {
  readonly shadowOperations: number;
  readonly messages: number;
  readonly registryOperations: number;
  readonly jobReads: number;
  readonly jobWrites: number;
  readonly signatures: number;
  readonly tableWrites: number;
  /** Of one distribution. */
  readonly downloadedBytes: number;
}

export interface Scenario extends Pick<RetryPolicy, 'retries'> {
  readonly vehicles: number;
  /** Of one update. */
  readonly bytes: number;
  readonly installMinutes: number;
  readonly rollout: Rollout;
  readonly habits: Habits;
  readonly networks: readonly NetworkProfile[];
  /** How likely each failure is, in each attempt. */
  readonly failures: Readonly<Partial<Record<FailureClass, number>>>;
  readonly abort: readonly AbortCriterion[];
  readonly quotas: CloudQuotas;
  /** Where all of them are at home, if it is not the first device cloud. */
  readonly deviceCloud?: DeviceCloud;
  /** After which nothing is looked at any more. */
  readonly days: number;
  readonly seed: number;
}

/** Defaults of docs/prices.md and the vendors' pages that it names; most can be raised. */
export const usualQuotas: CloudQuotas = {
  shadowOperations: 4000,
  messages: 20_000,
  registryOperations: 100,
  jobReads: 200,
  jobWrites: 200,
  signatures: 500,
  tableWrites: 4000,
  downloadedBytes: 150e9 / 8,
};

/** Nobody's figures: half accept at first sight, every second of the others at a reminder; one attempt in a hundred fails. */
export const usualScenario: Omit<Scenario, 'vehicles' | 'bytes'> = {
  installMinutes: 20,
  rollout: { rate: { kind: 'unlimited' }, waves: [] },
  habits: { seenAfterHours: 12, accept: 0.5, mute: 0.2, reminders: 5, tonight: 0.6 },
  networks: [
    { name: '4G', share: 0.6, megabitsPerSecond: 20, hoursPerDay: 1.5 },
    { name: 'home Wi-Fi', share: 0.2, megabitsPerSecond: 50, hoursPerDay: 10 },
    { name: 'poor', share: 0.2, megabitsPerSecond: 2, hoursPerDay: 1 },
  ],
  failures: { network: 0.005, precondition: 0.004, installation: 0.0005, health: 0.0003, power: 0.0002 },
  retries: usualRetries,
  abort: [],
  quotas: usualQuotas,
  days: 120,
  seed: 1,
};
