import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPersonId } from '#shared/access/person.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import type { PaymentEntry } from '#shared/sharing/payments/payment-book.ts';
import type { Trip } from '#shared/sharing/trips/trip.ts';
import type { TripEvent } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { samplePlan } from '../../../support/sharing-city.ts';
import { SharingTown } from '../../../support/sharing-town.ts';
import { type Fate, minute, TripScene } from '../../../support/trip-scene.ts';

const methods = [
  ...['sandbox-card', 'sandbox-declined', 'sandbox-authorization-expires', 'sandbox-capture-fails'],
  ...['sandbox-answers-lost', 'sandbox-funds-3600', 'sandbox-slow'],
];
const steps = [
  ...(['hold', 'key', 'start', 'pause', 'end', 'wait', 'deliver', 'read', 'settle'] as const),
  ...(['cancel', 'expire', 'reboot', 'statement', 'silent', 'heard', 'force', 'repeat'] as const),
  ...(['pay', 'refund', 'forgive', 'waive', 'review'] as const),
  // What is most of life.
  ...([
    'board',
    'board',
    'board',
    'end',
    'wait',
    'deliver',
    'deliver',
    'settle',
    'settle',
    'pay',
    'statement',
  ] as const),
] as const;

const happening = fc.record({ step: fc.constantFrom(...steps), one: fc.nat(5), other: fc.nat(40) });
const fates = fc.array(
  fc.oneof(
    { weight: 24, arbitrary: fc.constant<Fate>('go') },
    { weight: 1, arbitrary: fc.constantFrom<Fate>('killed-before', 'killed-after') },
  ),
  { minLength: 1, maxLength: 80 },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const decided = { caller: { clientId: 'office', scopes: new Set<never>(), brands: [] }, reason: 'agreed' };

async function happen(town: SharingTown, { step, one, other }: Happening): Promise<void> {
  const { scene, drivers } = town;
  const driver = drivers[one % drivers.length];
  if (driver === undefined) throw new Error('nobody');
  switch (step) {
    case 'hold':
      return town.hold(driver);
    case 'key':
      return town.key(driver);
    case 'board':
      await town.hold(driver).catch(() => {});
      await town.key(driver).catch(() => town.key(driver));
      return town.start(driver);
    case 'cancel':
      return town.cancel(driver);
    case 'start':
      return town.start(driver);
    case 'pause':
      return town.pauseOrResume();
    case 'end':
      return town.end(other > 35 ? 'ended-by-operator' : 'ended');
    case 'reboot':
      return town.reboot();
    case 'wait':
      return town.wait(other % 18);
    case 'deliver':
      return town.deliver(other, one + 1);
    case 'statement':
      return town.stateFences();
    case 'read':
      return scene.read();
    case 'settle':
      return scene.rest();
    case 'expire':
      await scene.bookings.expire(scene.vehicleId);
      return;
    case 'silent':
      await scene.bookings.silent(scene.vehicleId, scene.clock.now(), other > 20);
      return;
    case 'heard':
      await scene.bookings.heard(scene.vehicleId);
      return;
    case 'force':
      await scene.bookings.forceEnd(scene.vehicleId);
      return;
    case 'repeat':
    case 'pay':
    case 'refund':
    case 'forgive':
    case 'waive':
    case 'review':
      return decide(town, step, one, other);
  }
}

type Decision = Extract<Happening['step'], 'repeat' | 'pay' | 'refund' | 'forgive' | 'waive' | 'review'>;

async function decide(town: SharingTown, step: Decision, one: number, other: number): Promise<void> {
  const { scene } = town;
  const trips = await town.trips();
  const trip = trips[one % Math.max(1, trips.length)];
  if (trip === undefined || !isPersonId(trip.personId)) return;
  const { operatorId, personId, reservationId } = trip;
  switch (step) {
    case 'repeat':
      // A queue that tells its message twice.
      scene.due.push({ kind: 'settle', vehicleId: trip.vehicleId, fence: trip.fence });
      return;
    case 'pay':
      await scene.mine.pay({ operatorId, personId }, reservationId, `pay-${other}`, methods[other % methods.length]);
      return;
    case 'refund':
      await scene.desk.refund(trip, decided, 1 + other * 20, `refund-${other}`);
      return;
    case 'forgive':
      await scene.desk.forgive(trip, decided);
      return;
    case 'waive':
      await scene.desk.review(trip, decided, 'waive');
      return;
    case 'review':
      await scene.desk.review(trip, decided, 'settle');
      return;
  }
}

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
async function judge(town: SharingTown, trip: Trip): Promise<string> {
  const { scene, log } = town;
  const entries = (await scene.books.load(trip.reservationId))?.entries ?? [];
  const good = entries.filter((entry) => !('declined' in entry) && !('refused' in entry));
  const ofKind = (kind: PaymentEntry['kind'], from: readonly PaymentEntry[] = good) =>
    from.filter((entry) => entry.kind === kind);
  // Never twice.
  expect(ofKind('authorize').length).toBeLessThanOrEqual(1);
  expect(ofKind('capture', entries).length).toBeLessThanOrEqual(1);
  expect(ofKind('collect').length).toBeLessThanOrEqual(1);
  expect(ofKind('release').length).toBeLessThanOrEqual(1);
  const taken = sum(ofKind('capture', entries)) + sum(ofKind('collect'));
  expect(sum(ofKind('refund'))).toBeLessThanOrEqual(taken);
  const lines = log.lines.filter(({ reservationId }) => reservationId === trip.reservationId);
  const cost = price(lines, trip.heldAt);
  const driver = await scene.repository.driver(trip.operatorId, trip.personId);
  const owed = driver?.debts?.find(({ reservationId }) => reservationId === trip.reservationId)?.amount ?? 0;
  const forgiven = trip.payment.kind === 'forgiven' ? trip.payment.forgiven : 0;
  const { state } = trip;
  if (state.status === 'settled' && state.waived !== true) {
    // Never lost: what the car says it cost has been taken, is owed, or was forgiven; and no more than that.
    expect(taken + owed + forgiven).toBe(cost);
    return 'settled';
  }
  expect([taken, owed]).toEqual([0, 0]);
  if (state.status === 'to-review' || state.status === 'under-way') {
    expect(lines).not.toEqual([]);
    return state.status;
  }
  if (state.status === 'held') return 'held';
  // Nothing stays set aside for what costs nothing.
  if (ofKind('authorize').length > 0) expect(ofKind('release')).toHaveLength(1);
  if (state.status === 'settled') return 'waived';
  expect(['cancelled', 'expired']).toContain(state.status);
  expect(lines).toEqual([]);
  return state.status;
}

test('whatever happens, in whichever order, and whoever is killed meanwhile: no charge is lost, and none doubled', async () => {
  const outcomes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 40, maxLength: 100, size: 'max' }),
      fates,
      fc.shuffledSubarray(methods, { minLength: 2, maxLength: 4 }),
      async (happenings, fate, cards) => {
        const scene = await new TripScene().open();
        const drivers: Driver[] = [];
        for (const card of cards) drivers.push(await scene.driver(card));
        const town = new SharingTown(scene, drivers);
        let call = 0;
        scene.fate = () => fate[call++ % fate.length] ?? 'go';
        // What is refused, or broken off, has done nothing, or goes on later.
        for (const one of happenings) await happen(town, one).catch(() => {});
        await town.quiet();
        for (const trip of await town.trips()) {
          const outcome = await judge(town, trip);
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
        const known = new Set((await town.trips()).map(({ reservationId }) => reservationId));
        for (const { reservationId } of town.log.lines) expect(known).toContain(reservationId);
      },
    ),
    { numRuns: 150 },
  );
  // It was about something.
  for (const outcome of ['settled', 'to-review', 'cancelled', 'expired'])
    expect(outcomes.get(outcome)).toBeGreaterThan(0);
});
