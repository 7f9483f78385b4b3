import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gapless } from '#shared/sharing/trips/trip-log.ts';
import type { TripEvent } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { CarLog, minute, noon, TripScene } from '../../../support/trip-scene.ts';

const of = (fence: number) => ({ fence, reservationId: `rsv-${fence}` });

/** Fifteen lines over three boots and three fences. */
function someLog(): readonly TripEvent[] {
  const car = new CarLog('veh-a');
  for (const fence of [1, 2, 3]) {
    for (const kind of ['started', 'paused', 'resumed', 'paused', 'ended'] as const) car.line(of(fence), kind, noon);
    car.reboot();
  }
  return car.lines;
}

const log = someLog();
const jumbled = fc.shuffledSubarray([...log, ...log], { minLength: log.length, maxLength: 2 * log.length });

describe('the gapless part of a log', () => {
  test('is the whole of it once all lines are there, in whichever order and however often', () => {
    fc.assert(
      fc.property(jumbled, (lines) => {
        fc.pre(new Set(lines).size === log.length);
        expect(gapless(undefined, lines)).toEqual(log);
      }),
    );
  });

  test('ends before the first line that is missing', () => {
    fc.assert(
      fc.property(jumbled, fc.nat(log.length - 1), (lines, missing) => {
        const known = gapless(
          undefined,
          lines.filter((line) => line !== log[missing]),
        );
        expect(known.length).toBeLessThanOrEqual(missing);
        expect(known).toEqual(log.slice(0, known.length));
      }),
    );
  });

  test('goes on from a position, and tells nothing of before it', () => {
    fc.assert(
      fc.property(jumbled, fc.nat(log.length - 1), (lines, at) => {
        fc.pre(new Set(lines).size === log.length);
        expect(gapless(log[at], lines)).toEqual(log.slice(at + 1));
      }),
    );
  });

  test('does not run in circles after lines that name each other', () => {
    const [first] = log;
    if (first === undefined) throw new Error('no line');
    const circle = { ...first, after: { boot: 1, sequence: 2 } };
    const other = { ...first, sequence: 2, after: { boot: 1, sequence: 1 } };
    expect(gapless(undefined, [first, circle, other])).toEqual([first, other]);
  });
});

/** A trip of Ada's that ran although she had cancelled, and Ben's hold and trip after it. */
async function story() {
  const scene = await new TripScene().open();
  const [ada, ben] = [await scene.driver(), await scene.driver()];
  const first = await scene.hold(ada);
  await scene.key(ada, first);
  await scene.bookings.cancel(ada, first);
  scene.clock.advance(20 * minute);
  const second = await scene.hold(ben);
  await scene.key(ben, second);
  await scene.read();
  const car = new CarLog(scene.vehicleId);
  const [a, b] = [
    { fence: 1, reservationId: first },
    { fence: 2, reservationId: second },
  ];
  car.line(a, 'started', noon + 2 * minute);
  car.line(a, 'paused', noon + 5 * minute);
  car.drive(1_200);
  car.reboot();
  car.line(a, 'ended', noon + 9 * minute);
  car.line(b, 'started', noon + 21 * minute);
  car.line(b, 'paused', noon + 30 * minute);
  car.reboot();
  car.line(b, 'resumed', noon + 40 * minute);
  car.line(b, 'ended', noon + 55 * minute);
  return { scene, lines: car.lines };
}

/** What is true at the end, without what counts writes. */
async function truth(scene: TripScene) {
  await scene.rest();
  const { version: _, moves: __, revision, vehicleId: ___, ...vehicle } = await scene.vehicle();
  const trips = await Promise.all([scene.trip(1), scene.trip(2)]);
  return { vehicle, revision, trips: trips.map(({ course, state, bill }) => ({ course, state, bill })) };
}

test('whichever way a log comes, in pieces, twice and out of order: the same trips, the same bill, the same vehicle', async () => {
  const told = await story();
  await told.scene.take(...told.lines);
  const expected = await truth(told.scene);
  expect(expected.trips.map(({ state }) => state.status)).toEqual(['to-review', 'settled']);
  const orders = fc.shuffledSubarray([...Array(14).keys()], { minLength: 14 });
  await fc.assert(
    fc.asyncProperty(orders, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 14 }), async (order, sizes) => {
      const { scene, lines } = await story();
      const waiting = order.flatMap((place) => lines[place % 7] ?? []);
      for (const size of sizes) {
        await scene.take(...waiting.splice(0, size));
        await scene.rest();
      }
      expect(await truth(scene)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
