import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cancelled, closed, paused, resumed } from '#shared/ota/campaigns/campaign.ts';
import type { Rollout } from '#shared/ota/campaigns/schedule.ts';
import { isMarket, type Market } from '#shared/registry/market.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { now } from '../updates/updates.ts';
import { estimating, RunWorld } from './run-world.ts';

function aMarket(code: string): Market {
  if (!isMarket(code)) throw new RangeError(code);
  return code;
}

const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0);
const minute = 60_000;
const unlimited: Rollout = { rate: { kind: 'unlimited' }, waves: [] };
const fixed = (perMinute: number): Rollout => ({ rate: { kind: 'fixed', perMinute }, waves: [] });
const soon = now + 24 * 60 * minute;

describe('the run of a campaign', () => {
  test('wherever it dies, every vehicle is enlisted once and offered once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(unlimited, fixed(30)),
        fc.array(fc.integer({ min: 2, max: 400 }), { maxLength: 8 }),
        async (vehicles, rollout, deaths) => {
          const world = new RunWorld(vehicles, rollout, deaths);
          world.begin();
          await world.live(soon);
          expect(world.updates.size).toBe(vehicles);
          expect([...world.offers.values()].map((times) => times.length)).toEqual(Array(vehicles).fill(1));
          expect(world.run).toMatchObject({ enlisted: vehicles, offered: vehicles, work: { kind: 'offering' } });
          const late = world.join();
          await world.live(soon + 60 * minute);
          expect(world.offers.get(late)).toHaveLength(1);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('who left before their turn holds up nobody who comes later, and is looked for no more than twice', async () => {
    const world = new RunWorld(60, fixed(10));
    world.begin();
    await world.live(now + 2 * minute);
    const waiting = [...world.updates.keys()].filter((vehicleId) => !world.offers.has(vehicleId));
    for (const vehicleId of waiting.slice(-7)) world.leave(vehicleId);
    await world.live(now + 60 * minute);
    expect([world.offers.size, world.run?.offered]).toEqual([53, 60]);
    const late = world.join();
    await world.live(now + 70 * minute);
    expect(world.offers.get(late)).toHaveLength(1);
    world.waysThrough = 0;
    await world.live(soon);
    expect(world.waysThrough).toBe(0);
  });

  test('keeps to the rate, whatever it dies of', async () => {
    const world = new RunWorld(120, fixed(30), [40, 90, 151, 260]);
    world.begin();
    await world.live(soon);
    const times = [...world.offers.values()].flat().sort();
    expect(times).toHaveLength(120);
    for (const from of times) {
      expect(times.filter((at) => at >= from && at < from + minute).length).toBeLessThanOrEqual(61);
    }
    expect((times.at(-1) ?? 0) - now).toBeGreaterThanOrEqual(3 * minute);
  });

  test('offers nothing while the campaign rests, and goes on afterwards', async () => {
    const world = new RunWorld(60, fixed(10));
    world.begin();
    await world.live(now + 2 * minute);
    world.campaign = paused()(world.campaign, 'manager', world.time);
    const before = world.offers.size;
    await world.live(now + 60 * minute);
    expect([before < 60, world.offers.size]).toEqual([true, before]);
    world.campaign = resumed(world.campaign, 'manager', world.time);
    world.wake();
    await world.live(soon);
    expect(world.offers.size).toBe(60);
  });

  test('scenario 17: group churn does not bypass the throttle: whoever joins, leaves and joins again waits for the rate', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 3 }),
        async (enlisted, comings) => {
          const perMinute = 20;
          const world = new RunWorld(enlisted, fixed(perMinute));
          world.begin();
          const joined: VehicleId[] = [];
          for (const [place, many] of comings.entries()) {
            await world.live(now + place * minute);
            for (let one = 0; one < many; one++) joined.push(world.join());
            // Whoever was there before and is looked at again, as after each change of its software, takes nobody's turn.
            for (const vehicleId of joined.slice(-5)) world.joinAgain(vehicleId);
          }
          await world.live(now + 2 * 60 * minute);
          const times = [...world.offers.values()].flat().sort((one, other) => one - other);
          expect([...world.offers.values()].every((offers) => offers.length === 1)).toBe(true);
          expect(times).toHaveLength(enlisted + joined.length);
          for (const from of times) {
            expect(times.filter((at) => at >= from && at < from + minute).length).toBeLessThanOrEqual(
              2 * perMinute + 1,
            );
          }
        },
      ),
      { numRuns: 5 },
    );
  });

  test('scenario 20: country gating holds when a car crosses a border, and the statistics always add up', async () => {
    const [germany, france, italy] = [aMarket('DE'), aMarket('FR'), aMarket('IT')];
    const opening = now + 60 * minute;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ place: fc.nat(29), at: fc.nat(90), to: fc.constantFrom(germany, france, italy) })),
        async (moves) => {
          const world = new RunWorld(30, fixed(60), [], [germany, france, italy]);
          world.campaign = { ...world.campaign, countries: { [france]: opening, [italy]: null } };
          world.begin();
          for (const { place, at, to } of [...moves].sort((one, other) => one.at - other.at)) {
            await world.live(now + at * minute);
            world.moveTo(place, to);
            const { total, byMarket } = world.statistics;
            const each = Object.values(byMarket).flatMap((one) => Object.values(one));
            expect(sum(each)).toBe(sum(Object.values(total)));
          }
          await world.live(now + 24 * 60 * minute);
          for (const { vehicleId, market } of world.updates.values()) {
            const [first] = world.offers.get(vehicleId) ?? [];
            if (market === italy) expect(first).toBeUndefined();
            else expect(first).toBeGreaterThanOrEqual(market === france ? opening : now);
          }
          // By the country in which each was enlisted: a move is no vehicle more and none less.
          const { total, byMarket } = world.statistics;
          expect(sum(Object.values(total))).toBe(30);
          for (const one of Object.values(byMarket)) expect(sum(Object.values(one))).toBeGreaterThan(0);
          expect(total).toEqual({
            offered: 30 - (total.waiting ?? 0),
            ...(total.waiting && { waiting: total.waiting }),
          });
        },
      ),
      { numRuns: 15 },
    );
  });

  test('of a cancelled campaign takes every offer back and then rests', async () => {
    const world = new RunWorld(30, unlimited);
    world.begin();
    await world.live(now + minute);
    world.campaign = cancelled(world.campaign, 'manager', world.time);
    world.wake();
    await world.live(soon);
    expect([...world.updates.values()].every(({ state }) => state.status === 'cancelled')).toBe(true);
    expect(world.run?.work.kind).toBe('resting');
  });

  test('counts whom it would reach, and enlists nobody for that', async () => {
    const world = new RunWorld(25, unlimited, [11, 30]);
    world.campaign = { ...world.campaign, state: { status: 'draft' } };
    world.begin(estimating);
    await world.live(soon);
    expect(world.campaign.estimate).toMatchObject({ vehicles: 25, looked: 25, byModel: { 'ID.3': 25 } });
    expect(world.updates.size).toBe(0);
  });

  test('a call that came many times is answered by one run, and does not become more', async () => {
    const world = new RunWorld(25, unlimited);
    world.begin();
    const asked = world.time - 5_000;
    for (let times = 0; times < 5; times += 1) world.wake(asked);
    await world.live(world.time);
    expect(world.results.filter((result) => result === 'nothing')).toHaveLength(5);
    world.wake();
    await world.live(world.time);
    expect(world.results.at(-1)).toBe('continued');
  });

  test('at the close each update is read once, and the counters are put right to that', async () => {
    const world = new RunWorld(450, unlimited);
    world.begin();
    await world.live(soon);
    world.looked.length = 0;
    world.time += 10 * minute;
    world.campaign = closed(world.campaign, 'a', world.time);
    world.wake();
    await world.live(world.time + minute);
    expect([world.looked.length, new Set(world.looked).size]).toEqual([450, 450]);
    expect(world.reconciled.map((counted) => counted.get('s/offered'))).toEqual([450]);
    expect(world.run?.work).toEqual({ kind: 'resting' });
  });
});
