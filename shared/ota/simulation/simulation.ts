import { breached } from '../campaigns/abort.ts';
import { usualCapacity } from '../campaigns/forecast.ts';
import { nextStep, type Standing } from '../campaigns/schedule.ts';
import { retryAt } from '../updates/retry-policy.ts';
import { Calendar } from './calendar.ts';
import { Chances } from './chances.ts';
import { CloudLoad } from './cloud-load.ts';
import { FailureBook } from './failure-book.ts';
import { outcomeOf, type SimulationResult } from './result.ts';
import type { NetworkProfile, Scenario } from './scenario.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const reminderAfter = 2 * day;
/** Offers that the campaign's run makes, as its forecast has it. */
const mostASecond = usualCapacity.offersPerMinute / 60;
/** A download that takes longer is written down; a grant lives so long. */
const quick = 10 * minute;
const grantLife = hour;
/** The hours of the night in which somebody wants it who says tonight. */
const nightBegins = 2 * hour;

/** What a vehicle does next. */
const phases = ['sees', 'joins', 'asks', 'fetches', 'has-fetched', 'begins', 'writes', 'ends'] as const;
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
  readonly #chances: Chances;
  readonly #calendar: Calendar;
  readonly #load: CloudLoad;
  readonly #phase: Uint8Array;
  readonly #network: Uint8Array;
  readonly #reminders: Uint8Array;
  readonly #tonight: Uint8Array;
  readonly #end: number;
  readonly #installedAt: Float64Array;
  readonly #book: FailureBook;
  #standing: Standing;
  #accepted = 0;
  #muted = 0;
  #offeredBy = 0;
  #stopped: { readonly at: number; readonly why: string } | undefined;

  constructor(scenario: Scenario) {
    const { vehicles, days, quotas, deviceCloud } = scenario;
    this.#scenario = scenario;
    this.#chances = new Chances(scenario);
    this.#end = days * day;
    this.#calendar = new Calendar(vehicles, this.#end);
    this.#load = new CloudLoad(quotas, this.#end, deviceCloud);
    this.#phase = new Uint8Array(vehicles);
    this.#book = new FailureBook(vehicles);
    this.#reminders = new Uint8Array(vehicles);
    this.#tonight = new Uint8Array(vehicles);
    this.#network = new Uint8Array(vehicles);
    this.#installedAt = new Float64Array(vehicles);
    this.#standing = { enlisted: vehicles, offered: 0, installed: 0, failed: 0, pace: { credit: 0, at: 0 } };
    for (let vehicle = 0; vehicle < vehicles; vehicle += 1) this.#network[vehicle] = this.#chances.network();
    this.#load.begin('enlisted', vehicles);
  }

  run(): SimulationResult {
    for (let now: number | undefined = 0; now !== undefined && now <= this.#end; ) {
      const next = this.#offer(now);
      this.#until(next ?? this.#end);
      now = this.#stopped === undefined ? next : undefined;
    }
    const { installed, offered } = this.#standing;
    return outcomeOf({
      ...{ vehicles: this.#scenario.vehicles, offered, accepted: this.#accepted, muted: this.#muted },
      ...{ installed, failed: this.#book.failed, byError: this.#book.attempts },
      ...(this.#stopped !== undefined && { stopped: this.#stopped }),
      ...{ offeredBy: this.#offeredBy, installedAt: this.#installedAt, load: this.#load },
    });
  }

  /** Offers as many as the rollout has it now. @returns when to look again */
  #offer(now: number): number | undefined {
    const standing = { ...this.#standing, failed: this.#book.present.failed };
    const step = nextStep(this.#scenario.rollout, standing, now, mostASecond);
    for (let count = 0; count < step.offers; count += 1) {
      const vehicle = this.#standing.offered + count;
      const told = this.#load.take('offered', now);
      this.#plan(vehicle, { phase: 'sees', at: told + this.#chances.seen() });
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
      case 'joins':
        this.#book.again(vehicle);
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
        return this.#conclude(vehicle, now);
    }
  }

  #decide(vehicle: number, now: number): Moment | undefined {
    const told = this.#load.take('decided', now);
    if (this.#chances.accepts()) {
      this.#accepted += 1;
      this.#tonight[vehicle] = this.#chances.waitsForNight() ? 1 : 0;
      return { phase: 'joins', at: told };
    }
    const before = this.#reminders[vehicle] ?? 0;
    if (this.#chances.mutes() || before >= this.#scenario.habits.reminders) {
      this.#muted += 1;
      return undefined;
    }
    this.#reminders[vehicle] = before + 1;
    // No word of the cloud: the offer itself says when it is to be shown again.
    return { phase: 'sees', at: now + reminderAfter + this.#chances.seen() };
  }

  #conclude(vehicle: number, now: number): Moment | undefined {
    const error = this.#chances.failure();
    this.#load.take(error === undefined ? 'installed' : 'failed', now);
    if (error === undefined) {
      this.#installedAt[vehicle] = now;
      this.#standing = { ...this.#standing, installed: this.#standing.installed + 1 };
      return undefined;
    }
    const before = this.#book.noted(vehicle, error);
    const due = retryAt({ retries: this.#scenario.retries, installMinutes: 0 }, error, before, now);
    if (due === undefined) this.#book.forGood();
    else this.#book.later(vehicle, error);
    this.#stopWhereBreached(now);
    return due === undefined ? undefined : { phase: 'joins', at: due };
  }

  #stopWhereBreached(now: number): void {
    const { failed, byError } = this.#book.present;
    const why = breached(this.#scenario.abort, { installed: this.#standing.installed, failed, byError });
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
    if (own > quick) this.#load.take('dragged', now);
    // It wakes each day anew, and what it was granted has expired by then.
    const again = Math.max(Math.floor((onLine * second) / grantLife), Math.floor(own / day));
    for (let count = 0; count < again; count += 1) this.#load.take('asked', now);
    return this.#load.download(now, now + own, bytes);
  }

  #tonightAfter(now: number): number {
    const today = Math.floor(now / day) * day + nightBegins;
    const night = now < today ? today : today + day;
    return night + this.#chances.minuteOfNight();
  }

  #networkOf(vehicle: number): NetworkProfile {
    const network = this.#scenario.networks[this.#network[vehicle] ?? 0];
    if (network === undefined) throw new RangeError('A scenario wants at least one network profile.');
    return network;
  }
}
