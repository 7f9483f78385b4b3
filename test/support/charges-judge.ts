import { deepEqual, equal, ok } from 'node:assert/strict';
import type { PaymentEntry } from '#shared/sharing/payments/payment-book.ts';
import type { Trip } from '#shared/sharing/trips/trip.ts';
import type { TripEvent } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { samplePlan } from './sharing-city.ts';
import type { SharingTown } from './sharing-town.ts';
import { minute } from './trip-scene.ts';

/** By hand, from what the car wrote: no pause counts as driving, and nothing of these trips reaches a day. */
function price(lines: readonly TripEvent[], heldAt: number): number | undefined {
  const start = lines.find(({ kind }) => kind === 'started');
  const end = lines.find(({ kind }) => kind.startsWith('ended'));
  if (start === undefined || end === undefined) return undefined;
  let paused = 0;
  for (const [place, line] of lines.entries()) {
    const next = lines[place + 1];
    if (line.kind === 'paused' && next !== undefined) paused += next.at - line.at;
  }
  const minutes = (ms: number) => Math.ceil(ms / minute);
  const time = minutes(end.at - start.at - paused) * samplePlan.perMinute + minutes(paused) * samplePlan.pausePerMinute;
  const held = Math.max(0, minutes(start.at - heldAt) - samplePlan.hold.freeMinutes) * samplePlan.hold.perMinute;
  if (end.at - start.at > 1_440 * minute) throw new Error('longer than this price knows of');
  return samplePlan.unlockFee + held + Math.min(time, samplePlan.dayCap ?? time);
}

const sum = (entries: readonly PaymentEntry[]) => entries.reduce((total, { amount }) => total + amount, 0);

/** What the provider has written down, against what the car has written down; what our own records say is asked of neither. */
export async function judgeCharges(town: SharingTown, trip: Trip): Promise<string> {
  const { scene, log } = town;
  const entries = (await scene.books.load(trip.reservationId))?.entries ?? [];
  const good = entries.filter((entry) => !('declined' in entry) && !('refused' in entry));
  const ofKind = (kind: PaymentEntry['kind'], from: readonly PaymentEntry[] = good) =>
    from.filter((entry) => entry.kind === kind);
  // Never twice.
  ok(ofKind('authorize').length <= 1);
  ok(ofKind('capture', entries).length <= 1);
  ok(ofKind('collect').length <= 1);
  ok(ofKind('release').length <= 1);
  const taken = sum(ofKind('capture', entries)) + sum(ofKind('collect'));
  ok(sum(ofKind('refund')) <= taken);
  const lines = log.lines.filter(({ reservationId }) => reservationId === trip.reservationId);
  const cost = price(lines, trip.heldAt);
  const driver = await scene.repository.driver(trip.operatorId, trip.personId);
  const owed = driver?.debts?.find(({ reservationId }) => reservationId === trip.reservationId)?.amount ?? 0;
  const forgiven = trip.payment.kind === 'forgiven' ? trip.payment.forgiven : 0;
  const { state } = trip;
  if (state.status === 'settled' && state.waived !== true) {
    // Never lost: what the car says it cost has been taken, is owed, or was forgiven; and no more than that.
    equal(taken + owed + forgiven, cost);
    return 'settled';
  }
  deepEqual([taken, owed], [0, 0]);
  if (state.status === 'to-review' || state.status === 'under-way') {
    ok(lines.length > 0);
    return state.status;
  }
  if (state.status === 'held') return 'held';
  // Nothing stays set aside for what costs nothing.
  if (ofKind('authorize').length > 0) equal(ofKind('release').length, 1);
  if (state.status === 'settled') return 'waived';
  ok(state.status === 'cancelled' || state.status === 'expired', state.status);
  deepEqual(lines, []);
  return state.status;
}
