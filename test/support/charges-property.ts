import { ok } from 'node:assert/strict';
import fc from 'fast-check';
import { isPersonId } from '#shared/access/person.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { judgeCharges } from './charges-judge.ts';
import { SharingTown } from './sharing-town.ts';
import { type Fate, TripScene } from './trip-scene.ts';

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

/** What came of the uses, and of how many happenings. */
export interface Charged {
  readonly outcomes: Map<string, number>;
  happenings: number;
}

/** One car, some people, and whatever happens, in whichever order, with processes that are killed; and then what was charged. */
export function chargesProperty(charged: Charged) {
  const { outcomes } = charged;
  return fc.asyncProperty(
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
      charged.happenings += happenings.length;
      await town.quiet();
      for (const trip of await town.trips()) {
        const outcome = await judgeCharges(town, trip);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      const known = new Set<string>((await town.trips()).map(({ reservationId }) => reservationId));
      for (const { reservationId } of town.log.lines) ok(known.has(reservationId));
    },
  );
}
