import { breached } from '../campaigns/abort.ts';
import { nextStep, type Standing } from '../campaigns/schedule.ts';
import { failureClasses } from '../campaigns/statistics.ts';
import { retryAt } from '../updates/retry-policy.ts';
import type { FailureClass } from '../updates/update.ts';
import { Calendar } from './calendar.ts';
import { CloudLoad } from './cloud-load.ts';
import { Draws } from './draws.ts';
import { outcomeOf, type SimulationResult } from './result.ts';
import type { NetworkProfile, Scenario } from './scenario.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const reminderAfter = 2 * day;
/** The hours of the night in which somebody wants it who says tonight. */
const nightBegins = 2 * hour;

/** What a vehicle does next. */
const phases = ['sees', 'is-reminded', 'joins', 'asks', 'fetches', 'has-fetched', 'begins', 'writes', 'ends'] as const;
type Phase = (typeof phases)[number];

interface Moment {
  readonly phase: Phase;
  /** ms from the start. */
  readonly at: number;
}

/**
 * A whole campaign, moment by moment, vehicle by vehicle, by the same decisions that the cloud takes: when how many are
 * offered the update, what is retried when, when it is stopped. Nothing but arithmetic: the same scenario gives the
 * same result.
 */
export function simulated(scenario: Scenario): SimulationResult {
  return new Simulation(scenario).run();
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #draws: Draws;
  readonly #calendar: Calendar;
  readonly #load: CloudLoad;
  readonly #phase: Uint8Array;
  readonly #network: Uint8Array;
  readonly #failures: Uint8Array;
  readonly #reminders: Uint8Array;
  readonly #tonight: Uint8Array;
  readonly #end: number;
  readonly #installedAt: Float64Array;
  readonly #byError = new Map<FailureClass, number>();
  #standing: Standing;
  #accepted = 0;
  #muted = 0;
  #offeredBy = 0;
  #stopped: { readonly at: number; readonly why: string } | undefined;

  constructor(scenario: Scenario) {
    const { vehicles, days, seed, quotas } = scenario;
    this.#scenario = scenario;
    this.#draws = new Draws(seed);
    this.#end = days * day;
    this.#calendar = new Calendar(vehicles, this.#end);
    this.#load = new CloudLoad(quotas);
    this.#phase = new Uint8Array(vehicles);
    this.#failures = new Uint8Array(vehicles);
    this.#reminders = new Uint8Array(vehicles);
    this.#tonight = new Uint8Array(vehicles);
    this.#network = new Uint8Array(vehicles);
    this.#installedAt = new Float64Array(vehicles);
    this.#standing = { enlisted: vehicles, offered: 0, installed: 0, failed: 0, pace: { credit: 0, at: 0 } };
    for (let vehicle = 0; vehicle < vehicles; vehicle += 1) this.#network[vehicle] = this.#drawNetwork();
  }

  run(): SimulationResult {
    for (let now: number | undefined = 0; now !== undefined && now <= this.#end; ) {
      const next = this.#offer(now);
      this.#until(next ?? this.#end);
      now = this.#stopped === undefined ? next : undefined;
    }
    const { installed, offered, failed } = this.#standing;
    return outcomeOf({
      ...{ vehicles: this.#scenario.vehicles, offered, accepted: this.#accepted, muted: this.#muted },
      ...{ installed, failed, byError: Object.fromEntries(this.#byError) },
      ...(this.#stopped !== undefined && { stopped: this.#stopped }),
      ...{ offeredBy: this.#offeredBy, installedAt: this.#installedAt, load: this.#load },
    });
  }

  /** Offers as many as the rollout has it now. @returns when to look again */
  #offer(now: number): number | undefined {
    const step = nextStep(this.#scenario.rollout, this.#standing, now, Number.MAX_SAFE_INTEGER);
    for (let count = 0; count < step.offers; count += 1) {
      const vehicle = this.#standing.offered + count;
      const told = this.#load.take('offered', now);
      this.#plan(vehicle, { phase: 'sees', at: told + this.#drawSeen() });
    }
    const offered = this.#standing.offered + step.offers;
    if (step.offers > 0) this.#offeredBy = now;
    this.#standing = { ...this.#standing, offered, pace: step.pace };
    if (offered >= this.#standing.enlisted || step.next === undefined) return undefined;
    return Math.max(step.next, now + second);
  }

  #until(limit: number): void {
    for (let due = this.#calendar.take(limit); due !== undefined; due = this.#calendar.take(limit)) {
      const next = this.#happen(due.vehicle, phases[this.#phase[due.vehicle] ?? 0] ?? 'sees', due.at);
      if (next !== undefined) this.#plan(due.vehicle, next);
      if (this.#stopped !== undefined) return;
    }
  }

  /** @returns what the vehicle does next; undefined where it is through */
  #happen(vehicle: number, phase: Phase, now: number): Moment | undefined {
    switch (phase) {
      case 'sees':
        return this.#decide(vehicle, now);
      case 'is-reminded':
        return { phase: 'sees', at: this.#load.take('reminded', now) + this.#drawSeen() };
      case 'joins':
        return { phase: 'asks', at: this.#load.take('joined', now) };
      case 'asks':
        return { phase: 'fetches', at: this.#load.take('asked', now) };
      case 'fetches':
        return { phase: 'has-fetched', at: this.#fetchedAt(vehicle, now) };
      case 'has-fetched':
        this.#load.take('downloaded', now);
        return { phase: 'begins', at: this.#tonight[vehicle] === 1 ? this.#tonightAfter(now) : now };
      case 'begins':
        return { phase: 'writes', at: this.#load.take('asked', now) };
      case 'writes':
        return { phase: 'ends', at: this.#load.take('began', now) + this.#scenario.installMinutes * minute };
      case 'ends':
        this.#load.take('ended', now);
        return this.#conclude(vehicle, now);
    }
  }

  #decide(vehicle: number, now: number): Moment | undefined {
    const { accept, mute, reminders, tonight } = this.#scenario.habits;
    const told = this.#load.take('decided', now);
    if (this.#draws.chance(accept)) {
      this.#accepted += 1;
      this.#tonight[vehicle] = this.#draws.chance(tonight) ? 1 : 0;
      return { phase: 'joins', at: told };
    }
    const before = this.#reminders[vehicle] ?? 0;
    if (this.#draws.chance(mute) || before >= reminders) {
      this.#muted += 1;
      return undefined;
    }
    this.#reminders[vehicle] = before + 1;
    return { phase: 'is-reminded', at: now + reminderAfter };
  }

  #conclude(vehicle: number, now: number): Moment | undefined {
    const error = this.#drawFailure();
    if (error === undefined) {
      this.#installedAt[vehicle] = now;
      this.#standing = { ...this.#standing, installed: this.#standing.installed + 1 };
      return undefined;
    }
    this.#byError.set(error, (this.#byError.get(error) ?? 0) + 1);
    const failures = this.#failures[vehicle] ?? 0;
    this.#failures[vehicle] = failures + 1;
    const due = retryAt({ retries: this.#scenario.retries, installMinutes: 0 }, error, failures, now);
    if (due !== undefined) return { phase: 'joins', at: due };
    this.#standing = { ...this.#standing, failed: this.#standing.failed + 1 };
    this.#stopWhereBreached(now);
    return undefined;
  }

  #stopWhereBreached(now: number): void {
    const { installed, failed } = this.#standing;
    const byError = Object.fromEntries(this.#byError);
    const why = breached(this.#scenario.abort, { installed, failed, byError });
    if (why !== undefined) this.#stopped = { at: now, why };
  }

  #plan(vehicle: number, { phase, at }: Moment): void {
    this.#phase[vehicle] = phases.indexOf(phase);
    this.#calendar.put(vehicle, at);
  }

  /** As fast as its own network has it, in the hours in which it has one, and as the distribution has room. */
  #fetchedAt(vehicle: number, now: number): number {
    const { bytes } = this.#scenario;
    const network = this.#networkOf(vehicle);
    const onLine = (8 * bytes) / (network.megabitsPerSecond * 1e6);
    const own = (onLine * second * 24) / network.hoursPerDay;
    return Math.max(now + own, this.#load.download(now, bytes));
  }

  #tonightAfter(now: number): number {
    const today = Math.floor(now / day) * day + nightBegins;
    const night = now < today ? today : today + day;
    // Not all at the same second: the vehicle draws its minute.
    return night + this.#draws.next() * hour;
  }

  #networkOf(vehicle: number): NetworkProfile {
    const network = this.#scenario.networks[this.#network[vehicle] ?? 0];
    if (network === undefined) throw new RangeError('A scenario wants at least one network profile.');
    return network;
  }

  #drawSeen(): number {
    return this.#draws.waiting(this.#scenario.habits.seenAfterHours * hour);
  }

  #drawNetwork(): number {
    const { networks } = this.#scenario;
    let drawn = this.#draws.next() * networks.reduce((total, { share }) => total + share, 0);
    for (const [index, { share }] of networks.entries()) {
      drawn -= share;
      if (drawn < 0) return index;
    }
    return networks.length - 1;
  }

  #drawFailure(): FailureClass | undefined {
    let drawn = this.#draws.next();
    for (const [error, probability] of failuresOf(this.#scenario)) {
      drawn -= probability;
      if (drawn < 0) return error;
    }
    return undefined;
  }
}

function failuresOf({ failures }: Scenario): readonly (readonly [FailureClass, number])[] {
  return failureClasses.flatMap((error) => {
    const probability = failures[error];
    return probability === undefined ? [] : [[error, probability] as const];
  });
}
