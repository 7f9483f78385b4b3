import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RolloutConfig } from '#local/iot/jobs/job-settings.ts';
import { perMinute } from '#local/iot/jobs/rollout-rate.ts';

const doubling: RolloutConfig = {
  exponentialRate: {
    ...{ baseRatePerMinute: 50, incrementFactor: 2 },
    rateIncreaseCriteria: { numberOfNotifiedThings: 1000 },
  },
};

test('an exponential rate grows with each multiple of the criterion, up to its ceiling', () => {
  const at = (notified: number) => perMinute(doubling, { notified, succeeded: 0 }, 1000);
  expect([0, 999, 1000, 1999, 2000, 3000, 9000].map(at)).toEqual([50, 50, 100, 100, 200, 400, 1000]);
  const capped = { ...doubling, maximumPerMinute: 150 };
  expect(perMinute(capped, { notified: 5000, succeeded: 0 }, 1000)).toBe(150);
});

test('where two criteria are given, the one that is further ahead counts', () => {
  const both = { numberOfNotifiedThings: 1000, numberOfSucceededThings: 100 };
  const exponentialRate = { baseRatePerMinute: 50, incrementFactor: 2, rateIncreaseCriteria: both };
  expect(perMinute({ exponentialRate }, { notified: 1000, succeeded: 200 }, 1000)).toBe(200);
});

test('no rate is above its ceiling or below one thing a minute', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 11, max: 50 }),
      fc.nat(1_000_000),
      fc.integer({ min: 1, max: 1000 }),
      (baseRatePerMinute, tenths, notified, criterion) => {
        const rateIncreaseCriteria = { numberOfNotifiedThings: criterion };
        const exponentialRate = { baseRatePerMinute, incrementFactor: tenths / 10, rateIncreaseCriteria };
        const rate = perMinute({ exponentialRate }, { notified, succeeded: 0 }, 1000);
        expect(rate).toBeGreaterThanOrEqual(Math.min(baseRatePerMinute, 1000));
        expect(rate).toBeLessThanOrEqual(1000);
      },
    ),
  );
});
