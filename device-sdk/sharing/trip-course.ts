import { ruleAt } from '#shared/sharing/zones/rule-at.ts';
import type { ZoneSet } from '#shared/sharing/zones/zone.ts';
import type { IssuerKey, KeyAction, TripEventKind } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { type Log, reasonOf } from '../host.ts';
import type { Presented } from './admission.ts';
import type { BodyMoves } from './body-moves.ts';
import { unmetForEnd, unmetForPause } from './end-criteria.ts';
import { type KeyAnswer, NotDone } from './key-answer.ts';
import type { SharedBody } from './shared-body.ts';
import type { SharingMemory, Trip } from './sharing-memory.ts';
import type { TripLog } from './trip-log.ts';

export interface TripCourseParts {
  readonly memory: SharingMemory;
  readonly body: SharedBody;
  readonly moves: BodyMoves;
  readonly tripLog: TripLog;
  readonly zones: () => ZoneSet | undefined;
  readonly now: () => number;
  readonly log: Log;
}

/** That a trip remembers: those that came last. */
const mostPhones = 8;

/**
 * What is done with the vehicle from start to end. What opens it is written down before it can drive off; what closes it
 * is written down once it is closed; each step is one write, and a step that a crash cut off is asked for again. One
 * after the other: whoever calls sees to that.
 */
export class TripCourse {
  private readonly parts: TripCourseParts;

  constructor(parts: TripCourseParts) {
    this.parts = parts;
  }

  begin(presented: Presented, issuer: IssuerKey): Promise<KeyAnswer> {
    return this.answered(async () => {
      const { memory, moves } = this.parts;
      const { token, phoneKey } = presented;
      this.requireStartHere();
      this.write(() => memory.change({ opening: true }));
      try {
        await moves.unlock();
        const trip = this.tripOf(presented, issuer);
        const { line, written } = await this.parts.tripLog.next('started', trip);
        const minimumFence = Math.max(memory.record.minimumFence, token.fence);
        this.write(() => memory.change({ ...written, trip, minimumFence, opening: false }));
        await moves.enable();
        return { kind: 'done', action: 'start', line };
      } finally {
        if (memory.record.opening) await this.closeAgain(phoneKey);
      }
    });
  }

  /** Where the place or its rules are not known, whoever has the key may go. */
  private requireStartHere(): void {
    const { place } = this.parts.body.conditions();
    const zones = this.parts.zones();
    const type = this.parts.memory.record.statement?.vehicleTypeId;
    if (place === undefined || zones === undefined || type === undefined) return;
    if (ruleAt(zones, place, type, this.parts.now()).rule.rideStartAllowed) return;
    throw new NotDone('start-not-allowed', 'No trip may start where the vehicle stands.');
  }

  /** @param newKey of a phone that the trip did not know */
  goOn({ action, token }: Presented, newKey?: string): Promise<KeyAnswer> {
    return this.answered(async () => {
      const { memory } = this.parts;
      const known = memory.record.trip;
      if (known === undefined) throw new NotDone('no-trip', 'No trip is on.');
      const phoneKeys = newKey === undefined ? known.phoneKeys : [...known.phoneKeys, newKey].slice(-mostPhones);
      const trip = { ...known, tokenId: token.tokenId, phoneKeys };
      if (action === 'pause') return await this.pause(trip);
      if (action === 'end') return await this.end(trip, 'ended');
      if (action === 'start' && trip.state === 'paused') {
        throw new NotDone('already-on-trip', 'The trip is paused, and is resumed.');
      }
      return await this.open(trip, action);
    });
  }

  /** An operator ends it, wherever it is: the vehicle obeys standing still alone. */
  endByOrder(trip: Trip): Promise<KeyAnswer> {
    return this.answered(() => this.end(trip, 'ended-by-operator'));
  }

  /**
   * Support opens the doors for whoever has paused, and cannot open them. The drive stays as it is: to go on they need their
   * key. Nothing is written down of it: the next end, pause or start of the control unit locks them again.
   */
  openByOrder(trip: Trip): Promise<KeyAnswer> {
    return this.answered(async () => {
      if (trip.state !== 'paused') throw new NotDone('not-paused', 'The trip is not paused.');
      const unmet = unmetForPause(this.parts.body.conditions()).filter((each) => each !== 'door-open');
      if (unmet.length > 0) throw new NotDone('cannot-open', unmet.join(', '), unmet);
      await this.parts.moves.unlock();
      return { kind: 'done', action: 'pause' };
    });
  }

  /** A cable was plugged in or out. */
  async noteCharging(): Promise<void> {
    const { memory, body } = this.parts;
    const { trip } = memory.record;
    const { charging } = body.conditions();
    if (trip === undefined || trip.charging === charging) return;
    const next = { ...this.later(trip), charging };
    const { written } = await this.parts.tripLog.next(charging ? 'charging-started' : 'charging-ended', next);
    memory.change({ ...written, trip: next });
  }

  /** After a restart: the body is what was written down. */
  async recover(): Promise<void> {
    const { memory, body, log } = this.parts;
    const { trip, opening } = memory.record;
    try {
      if (trip?.state === 'driving') await body.enable();
      else if (trip !== undefined || opening) await this.parts.moves.secure('cannot-end');
      if (opening) memory.change({ opening: false });
      // A cable that came or went meanwhile is noted when it is seen.
      await this.noteCharging();
    } catch (error) {
      log(`sharing, after a restart: ${reasonOf(error)}`);
    }
  }

  private async pause(trip: Trip): Promise<KeyAnswer> {
    const { memory, body } = this.parts;
    const unmet = unmetForPause(body.conditions());
    if (unmet.length > 0) throw new NotDone('cannot-pause', unmet.join(', '), unmet);
    await this.secured(trip, 'cannot-pause');
    if (trip.state === 'paused') {
      this.write(() => memory.change({ trip }));
      return { kind: 'done', action: 'pause' };
    }
    const next = { ...this.later(trip), state: 'paused' as const };
    const { line, written } = await this.parts.tripLog.next('paused', next);
    this.write(() => memory.change({ ...written, trip: next }));
    return { kind: 'done', action: 'pause', line };
  }

  private async open(trip: Trip, action: KeyAction): Promise<KeyAnswer> {
    const { memory, moves } = this.parts;
    await moves.unlock();
    if (trip.state === 'driving') {
      this.write(() => memory.change({ trip }));
      await moves.enable();
      return { kind: 'done', action };
    }
    const next = { ...this.later(trip), state: 'driving' as const };
    const { line, written } = await this.parts.tripLog.next('resumed', next);
    this.write(() => memory.change({ ...written, trip: next }));
    await moves.enable();
    return { kind: 'done', action, line };
  }

  private async end(trip: Trip, kind: Extract<TripEventKind, 'ended' | 'ended-by-operator'>): Promise<KeyAnswer> {
    const { memory, body, now } = this.parts;
    const zones = this.parts.zones();
    const all = unmetForEnd(body.conditions(), zones, memory.record.statement, now());
    const unmet = kind === 'ended' ? all : all.filter((each) => each === 'in-motion' || each === 'ignition-on');
    if (unmet.length > 0) throw new NotDone('cannot-end', unmet.join(', '), unmet);
    await this.secured(trip, 'cannot-end');
    await this.noteCharging();
    const last = this.later(memory.record.trip ?? trip);
    const { line, written } = await this.parts.tripLog.next(kind, { ...last, tokenId: trip.tokenId }, zones?.version);
    const { fence, phoneKeys } = trip;
    const minimumFence = Math.max(memory.record.minimumFence, fence + 1);
    this.write(() => memory.endTrip({ ...written, minimumFence, ended: { fence, phoneKeys, line } }));
    return { kind: 'done', action: 'end', line };
  }

  private tripOf({ token, phoneKey }: Presented, issuer: IssuerKey): Trip {
    const { fence, reservationId, tokenId } = token;
    const { charging } = this.parts.body.conditions();
    const lastAt = this.parts.now();
    return { issuer, fence, reservationId, tokenId, phoneKeys: [phoneKey], state: 'driving', charging, lastAt };
  }

  /** A clock that was put right in the middle of a trip does not end it before it began. */
  private later(trip: Trip): Trip {
    return { ...trip, lastAt: Math.max(trip.lastAt, this.parts.now()) };
  }

  /** Immobilised and locked; where that fails halfway in a trip, it can be driven on. */
  private async secured(trip: Trip, refusal: 'cannot-pause' | 'cannot-end'): Promise<void> {
    try {
      await this.parts.moves.secure(refusal);
    } catch (error) {
      if (trip.state === 'driving') await this.parts.moves.enable();
      throw error;
    }
  }

  /** Nothing was written of it: it did not happen. */
  private async closeAgain(phoneKey: string): Promise<void> {
    const { memory, log } = this.parts;
    try {
      await this.parts.moves.secure('cannot-end');
      memory.change({ opening: false });
    } catch (error) {
      log(`not closed again after a start for ${phoneKey.slice(-8)}: ${reasonOf(error)}`);
    }
  }

  private write(step: () => void): void {
    try {
      step();
    } catch (error) {
      throw new NotDone('not-recorded', reasonOf(error));
    }
  }

  private async answered(work: () => Promise<KeyAnswer>): Promise<KeyAnswer> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof NotDone) return error.answer;
      this.parts.log(`sharing: ${reasonOf(error)}`);
      return { kind: 'refused', reason: 'not-recorded', detail: reasonOf(error) };
    }
  }
}
