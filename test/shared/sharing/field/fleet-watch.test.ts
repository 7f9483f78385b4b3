import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import { FleetWatch } from '#shared/sharing/field/fleet-watch.ts';
import { added, type Tally } from '#shared/sharing/field/tally.ts';
import { TaskDesk } from '#shared/sharing/field/task-service.ts';
import { tallyOf } from '#shared/sharing/field/trip-count.ts';
import { countedUpTo } from '#shared/sharing/field/watch.ts';
import type { Trip } from '#shared/sharing/trips/trip.ts';
import { memoryBookings } from '../../../support/memory-bookings.ts';
import { MemoryFigureBook, MemoryTasks } from '../../../support/memory-field.ts';
import { MemoryPaymentBooks, MemoryTripLog, MemoryTrips } from '../../../support/memory-trips.ts';
import { sampleSystem, sampleZones } from '../../../support/sharing-city.ts';
import { SharingTown } from '../../../support/sharing-town.ts';
import { CarLog, noon, TripScene } from '../../../support/trip-scene.ts';

const { systemId } = sampleSystem;
const steps = [
  'board',
  'board',
  'pause',
  'end',
  'end',
  'wait',
  'wait',
  'deliver',
  'deliver',
  'rest',
  'cancel',
] as const;
const more = ['force', 'expire', 'silent', 'heard', 'statement', 'refund', 'waive', 'low', 'well', 'garage'] as const;
const happening = fc.record({ step: fc.constantFrom(...steps, ...more), one: fc.nat(3), other: fc.nat(40) });
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** A town whose every write is kept, as a stream has it. */
async function aTown() {
  const stores = { trips: new KeptTrips(), log: new MemoryTripLog(), books: new MemoryPaymentBooks() };
  const scene = new TripScene({ ...stores, bookings: memoryBookings() });
  const changes: [BookedVehicle | undefined, BookedVehicle][] = [];
  const push = scene.stream.push.bind(scene.stream);
  scene.stream.push = (...some) => {
    changes.push(...some);
    return push(...some);
  };
  await scene.open();
  const drivers = [await scene.driver(), await scene.driver('sandbox-capture-fails')];
  return { town: new SharingTown(scene, drivers), changes, trips: stores.trips.saved };
}

class KeptTrips extends MemoryTrips {
  readonly saved: Trip[] = [];

  override async save(trip: Trip, seen: number | undefined) {
    const isSaved = await super.save(trip, seen);
    if (isSaved) this.saved.push(trip);
    return isSaved;
  }
}

async function happen(its: SharingTown, { step, one, other }: Happening) {
  const { scene, drivers } = its;
  const driver = drivers[one % drivers.length];
  const { bookings, vehicleId, clock, desk } = scene;
  if (driver === undefined) throw new Error('nobody');
  const key = { vehicleId, fence: (await scene.vehicle()).fence };
  const by = { caller: { clientId: 'office', scopes: new Set<never>(), brands: [] }, reason: 'agreed' };
  switch (step) {
    case 'board':
      await its.hold(driver);
      await its.key(driver);
      return its.start(driver);
    case 'pause':
      return its.pauseOrResume();
    case 'end':
      return its.end();
    case 'wait':
      return its.wait(other * (one === 3 ? 300 : 7));
    case 'deliver':
      return its.deliver(other, one + 1);
    case 'rest':
      return scene.rest();
    case 'cancel':
      return its.cancel(driver);
    case 'force':
      return void (await bookings.forceEnd(vehicleId));
    case 'expire':
      return void (await bookings.expire(vehicleId));
    case 'silent':
    case 'garage':
      return void (await bookings.silent(vehicleId, clock.now(), step === 'garage'));
    case 'heard':
      return void (await bookings.heard(vehicleId));
    case 'statement':
      return its.stateFences();
    case 'low':
      return void (await bookings.chargeLow(vehicleId));
    case 'well':
      return void (await bookings.chargeWell(vehicleId));
    case 'refund':
      return void (await desk.refund(key, by, 1 + other, `refund-${clock.now()}-${other}`));
    case 'waive':
      return void (await desk.review(key, by, 'waive'));
  }
}

function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce(added, {});
}

test('figures are the sums of the trips, and each moment of a vehicle counts once, however often and late it is told', async () => {
  let settled = 0;
  let raised = 0;
  const story = fc.array(happening, { minLength: 20, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(story, fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }), async (happenings, again) => {
      const { town, changes, trips } = await aTown();
      for (const one of happenings) await happen(town, one).catch(() => {});
      town.end();
      await town.quiet();
      const { scene } = town;
      const { clock, setup, bookings } = scene;
      const [book, tasks] = [new MemoryFigureBook(), new MemoryTasks()];
      const listings = { listing: async () => undefined };
      const desk = new TaskDesk({ tasks, clock });
      const fleet = new FleetWatch({ book, tasks: desk, setup, listings, bookings, clock });
      for (const [place, [before, after]] of changes.entries()) {
        await fleet.follow(before, after);
        // A batch that failed comes again from somewhere before.
        for (const back of changes.slice(Math.max(0, place - (again[place % again.length] ?? 0)), place + 1)) {
          await fleet.follow(...back);
        }
      }
      for (const trip of [...trips, ...trips.toReversed()]) await fleet.count(trip);
      const now = clock.now();
      const tally = sumOf(book.counted.map((one) => one.tally));
      const last = await town.trips();
      const wanted = sumOf(last.flatMap((trip) => tallyOf(trip) ?? []));
      for (const name of ['trips', 'tripTime', 'metres', 'gross', 'net', 'refunded'] as const) {
        expect(tally[name] ?? 0, name).toBe(wanted[name] ?? 0);
      }
      const [watch] = await book.watches(systemId);
      if (watch === undefined) throw new Error('nothing was watched');
      const open = countedUpTo(watch, now, undefined).spans.reduce((sum, { from, to }) => sum + to - from, 0);
      const { available = 0, reserved = 0, onTrip = 0, outOfService = 0, idles = 0 } = tally;
      expect(available + reserved + onTrip + outOfService + open).toBe(now - noon);
      expect(idles).toBe(holdsIn(changes));
      settled += wanted.trips ?? 0;
      raised += tasks.all.size;
      const live = await tasks.ofVehicle(scene.vehicleId);
      expect(new Set(live.map(({ why }) => why))).toEqual(new Set(Object.keys(watch.causes)));
    }),
    { numRuns: 80 },
  );
  // It was about something.
  expect(Math.min(settled, raised)).toBeGreaterThan(5);
}, 60_000);

/** By fences: each holder has another one. */
function holdsIn(changes: readonly (readonly [unknown, BookedVehicle])[]): number {
  return Math.max(...changes.map(([, { fence }]) => fence));
}

test.each([
  { place: 'in a garage', quiet: true, held: 600_000, available: 9_600_000, outOfService: 0 },
  { place: 'anywhere else', quiet: false, held: 300_000, available: 6_000_000, outOfService: 3_600_000 },
])(
  'what happens to a silent car $place counts when it happened, however late it is told and heard of',
  async (silent) => {
    const { town, changes } = await aTown();
    const { clock, setup, bookings, vehicleId } = town.scene;
    const [driver] = town.drivers;
    if (driver === undefined) throw new Error('nobody');
    await town.stateFences();
    town.wait(60);
    // Silent in a garage it may be held; silent elsewhere, who holds it may still give it back.
    if (silent.quiet) await bookings.silent(vehicleId, clock.now(), true);
    town.wait(40);
    await town.hold(driver);
    town.wait(5);
    if (!silent.quiet) await bookings.silent(vehicleId, clock.now(), false);
    if (silent.quiet) town.wait(5);
    await town.cancel(driver);
    town.wait(60);
    await bookings.heard(vehicleId);
    const heardAt = clock.now();
    town.wait(300);
    const [book, tasks] = [new MemoryFigureBook(), new MemoryTasks()];
    const desk = new TaskDesk({ tasks, clock });
    const listings = { listing: async () => undefined };
    const fleet = new FleetWatch({ book, tasks: desk, setup, listings, bookings, clock });
    for (const change of changes) await fleet.follow(...change);
    const { available = 0, reserved = 0, onTrip = 0, outOfService = 0 } = sumOf(book.counted.map(({ tally }) => tally));
    expect({ available, reserved, onTrip, outOfService }).toEqual({
      ...{ available: silent.available, reserved: silent.held, onTrip: 0, outOfService: silent.outOfService },
    });
    expect(await book.watches(systemId)).toMatchObject([{ use: 'available', at: heardAt }]);
  },
);

test('a trip counts where it began; left where none may end, its car is to be moved, until somebody drives it away', async () => {
  const { town, changes, trips } = await aTown();
  const { scene } = town;
  const { clock, setup, bookings, vehicleId } = scene;
  const [driver] = town.drivers;
  if (driver === undefined) throw new Error('nobody');
  await setup.saveZones(systemId, sampleZones);
  const [book, tasks] = [new MemoryFigureBook(), new MemoryTasks()];
  const desk = new TaskDesk({ tasks, clock });
  const [home, park] = [13.4, 13.36].map((longitude) => ({ latitude: 52.515, longitude }));
  const status = { boot: 1, sequence: 1, at: 1, ...(home !== undefined && { place: home }) };
  const booking = { vehicleTypeId: 'e-golf', label: '', state: 'available', version: 1 } as const;
  const listings = { listing: async () => ({ vehicleId, booking, status }) };
  const fleet = new FleetWatch({ book, tasks: desk, setup, listings, bookings, clock });
  const log = new CarLog(vehicleId);
  const drives = async (end: typeof home) => {
    clock.advance(100 * 3_600_000);
    const reservationId = await scene.hold(driver);
    await scene.key(driver, reservationId);
    const of = { reservationId, fence: (await scene.vehicle()).fence };
    await scene.take({ ...log.line(of, 'started', clock.now()), ...(home !== undefined && { place: home }) });
    clock.advance(600_000);
    log.drive(700);
    await scene.take({ ...log.line(of, 'ended', clock.now()), ...(end !== undefined && { place: end }) });
    await scene.rest();
    for (const change of changes.splice(0)) await fleet.follow(...change);
    for (const trip of trips.splice(0)) await fleet.count(trip);
  };
  await drives(park);
  const [task] = await tasks.ofVehicle(vehicleId);
  expect(task).toMatchObject({ kind: 'move', why: 'outside-zone', state: { status: 'open' } });
  const ofTrips = book.counted.filter(({ tally }) => tally.trips !== undefined);
  expect(ofTrips).toMatchObject([{ zoneId: 'home', tally: { trips: 1, tripTime: 600_000, metres: 700 } }]);
  expect(sumOf(book.counted.map(({ tally }) => tally))).toMatchObject({ idle: 100 * 3_600_000, idles: 1 });
  await bookings.admitted(vehicleId, (await scene.vehicle()).fence + 1);
  await drives(home);
  expect([...tasks.all.values()].map(({ state }) => state)).toMatchObject([
    { status: 'withdrawn', reason: 'driven-away' },
  ]);
});
