import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { breached } from '#shared/ota/campaigns/abort.ts';
import { forecast } from '#shared/ota/campaigns/forecast.ts';
import { nextStep, type Rate, type Rollout, type Standing } from '#shared/ota/campaigns/schedule.ts';

const now = Date.parse('2026-11-22T08:00:00Z');
const minute = 60_000;
const hour = 60 * minute;

const standing = (changes: Partial<Standing> = {}): Standing => ({
  ...{ enlisted: 1000, offered: 0, installed: 0, failed: 0, pace: { credit: 1, at: now } },
  ...changes,
});
const fixed = (perMinute: number, waves: Rollout['waves'] = []): Rollout => ({
  rate: { kind: 'fixed', perMinute },
  waves,
});

/** Takes decisions as a run does, each when the one before said, and notes how many were offered when. */
function played(rollout: Rollout, begin: Standing, until: number, most = 200) {
  let state = begin;
  let at = now;
  const offers: { readonly at: number; readonly count: number }[] = [];
  for (let steps = 0; at <= until && steps < 50_000; steps++) {
    const step = nextStep(rollout, state, at, most);
    if (step.offers > 0) offers.push({ at, count: step.offers });
    state = { ...state, offered: state.offered + step.offers, pace: step.pace };
    if (step.next === undefined) break;
    at = Math.max(step.next, at + 1);
  }
  return { offers, offered: state.offered };
}

const within = (offers: readonly { at: number; count: number }[], from: number, to: number) =>
  offers.filter(({ at }) => at >= from && at < to).reduce((sum, { count }) => sum + count, 0);

describe('a fixed rate', () => {
  test('is kept in every minute, and reached', () => {
    const { offers, offered } = played(fixed(100), standing(), now + 5 * minute);
    expect(offered).toBeGreaterThanOrEqual(480);
    for (let at = now; at < now + 4 * minute; at += 7_000) {
      expect(within(offers, at, at + minute)).toBeLessThanOrEqual(120);
    }
  });

  test('that was not looked at for an hour catches up no more than a minute', () => {
    const late = nextStep(fixed(100), standing({ pace: { credit: 0, at: now - hour } }), now, 10_000);
    expect(late.offers).toBe(100);
  });

  test('whatever the rate, nobody is offered it twice and everybody in the end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 0, max: 300 }), (perMinute, enlisted) => {
        const { offered } = played(fixed(perMinute), standing({ enlisted }), now + 400 * minute);
        expect(offered).toBe(enlisted);
      }),
      { numRuns: 50 },
    );
  });
});

test('an exponential rate rises with what was offered, up to its bound', () => {
  const rate: Rate = {
    kind: 'exponential',
    basePerMinute: 10,
    factor: 2,
    counts: 'offered',
    every: 100,
    mostPerMinute: 60,
  };
  const madeAt = (offered: number) =>
    nextStep({ rate, waves: [] }, standing({ offered, pace: { credit: 0, at: now - minute } }), now, 10_000).offers;
  expect([madeAt(0), madeAt(99), madeAt(100), madeAt(200), madeAt(900)]).toEqual([10, 10, 20, 40, 60]);
});

test('an unlimited rate offers what one run has room for, again and again', () => {
  const step = nextStep({ rate: { kind: 'unlimited' }, waves: [] }, standing(), now, 200);
  expect(step).toMatchObject({ offers: 200, next: now });
});

describe('waves', () => {
  const wave = { percent: 1, holdMinutes: 60, leastSuccessPercent: 90 };
  const stepAt = (changes: Partial<Standing>, at = now) => nextStep(fixed(60_000, [wave]), standing(changes), at, 5000);

  test('a wave offers its share and no more', () => {
    expect(stepAt({ pace: { credit: 500, at: now } }).offers).toBe(10);
  });

  test('the next one waits for the hold, and then for the success', () => {
    const held = stepAt({ offered: 10 });
    expect(held).toMatchObject({ offers: 0, waitsFor: 'hold', next: now + hour });
    const pace = held.pace;
    expect(stepAt({ offered: 10, pace }, now + hour)).toMatchObject({ offers: 0, waitsFor: 'success' });
    expect(stepAt({ offered: 10, pace, installed: 8, failed: 2 }, now + hour)).toMatchObject({ waitsFor: 'success' });
    expect(stepAt({ offered: 10, pace, installed: 9, failed: 1 }, now + hour).offers).toBeGreaterThan(0);
  });
});

test('nothing is offered before the start, and the run sleeps until then', () => {
  const step = nextStep({ ...fixed(100), startAt: now + hour }, standing(), now, 100);
  expect(step).toMatchObject({ offers: 0, next: now + hour, waitsFor: 'start' });
});

describe('the abort threshold', () => {
  const criteria = [{ percent: 10, minimumSample: 20 }];

  test('judges nothing before its sample, and then at once', () => {
    expect(breached(criteria, { installed: 9, failed: 10, byError: { health: 10 } })).toBeUndefined();
    expect(breached(criteria, { installed: 18, failed: 2, byError: { health: 2 } })).toMatch(/2 of 20 failed/);
    expect(breached(criteria, { installed: 19, failed: 1, byError: { health: 1 } })).toBeUndefined();
  });

  test('counts the errors that it names, silence among them', () => {
    const named = [{ percent: 5, minimumSample: 10, errors: ['timed-out', 'unrecovered'] as const }];
    expect(breached(named, { installed: 9, failed: 1, byError: { 'timed-out': 1 } })).toMatch(/timed-out/);
    expect(breached(named, { installed: 5, failed: 5, byError: { network: 5 } })).toBeUndefined();
  });
});

describe('the forecast', () => {
  test('says when the plan is through: its rate, its start and its waves', () => {
    const plan = { ...fixed(100, [{ percent: 10, holdMinutes: 60 }]), startAt: now + hour };
    const { offeredBy = 0 } = forecast(plan, standing(), 0.5, now);
    expect(offeredBy - now).toBeGreaterThanOrEqual(hour + hour + 8 * minute);
    expect(offeredBy - now).toBeLessThan(hour + hour + 20 * minute);
  });

  test('is bounded by what the device cloud takes: 900,000 cars join their job in five hours at the earliest', () => {
    const plan: Rollout = { rate: { kind: 'unlimited' }, waves: [] };
    const { offeredBy = 0, installedBy = 0 } = forecast(plan, standing({ enlisted: 900_000 }), 1, now);
    expect(offeredBy - now).toBe(14 * minute);
    expect(installedBy - now).toBe(300 * minute);
  });
});
