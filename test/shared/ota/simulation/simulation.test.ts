import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bandwidth } from '#shared/ota/simulation/bandwidth.ts';
import { billOf } from '#shared/ota/simulation/bill.ts';
import { Calendar } from '#shared/ota/simulation/calendar.ts';
import { consumptionOf } from '#shared/ota/simulation/consumption.ts';
import { QuotaGauge } from '#shared/ota/simulation/quota-gauge.ts';
import { type Scenario, usualQuotas, usualScenario } from '#shared/ota/simulation/scenario.ts';
import { simulated } from '#shared/ota/simulation/simulation.ts';

const scenario = (more: Partial<Scenario> = {}): Scenario => ({
  ...{ ...usualScenario, vehicles: 3000, bytes: 1e9 },
  ...more,
});
const perMinute = (rate: number) => ({ rate: { kind: 'fixed', perMinute: rate } as const, waves: [] });

describe('a simulated campaign', () => {
  test('is the same for the same scenario, and another for another seed', () => {
    expect(simulated(scenario())).toEqual(simulated(scenario()));
    expect(simulated(scenario({ seed: 2 }))).not.toEqual(simulated(scenario()));
  });

  test('loses no vehicle: whoever was offered it accepted it, muted it, or had not decided when nobody looked any more', () => {
    const { offered, accepted, muted, installed, failed } = simulated(scenario({ days: 400 }));
    expect({ offered, decided: accepted + muted }).toEqual({ offered: 3000, decided: 3000 });
    expect(installed + failed).toBe(accepted);
  });

  test('offers no faster than its rate', () => {
    expect(simulated(scenario({ rollout: perMinute(100) })).hours.lastOffer).toBeGreaterThan(0.45);
    expect(simulated(scenario({ rollout: perMinute(1000) })).hours.lastOffer).toBeLessThan(0.1);
  });

  test('waits for a wave to prove itself, by the very decision that the cloud takes', () => {
    const waves = [{ percent: 1, holdMinutes: 24 * 60 }];
    const { hours } = simulated(scenario({ rollout: { rate: { kind: 'unlimited' }, waves } }));
    expect(hours.lastOffer).toBeCloseTo(24, 0);
  });

  test('stops by itself where too many fail, and nobody is offered it after that', () => {
    const result = simulated(
      scenario({
        ...{ failures: { health: 0.5 }, abort: [{ percent: 20, minimumSample: 10 }] },
        rollout: { rate: { kind: 'fixed', perMinute: 1 }, waves: [] },
      }),
    );
    expect(result.stopped?.why).toContain('failed');
    expect(result.offered).toBeLessThan(3000);
  });

  test('counts what is to be tried again against the threshold, as the platform does', () => {
    const again = { failures: { network: 1 }, retries: { network: { times: 5, afterMinutes: 600 } } };
    const result = simulated(scenario({ ...again, abort: [{ percent: 50, minimumSample: 100 }] }));
    expect([result.stopped?.why, result.failed]).toEqual([expect.stringContaining('100 of 100 failed'), 0]);
  });

  test('a quota that is too small makes everybody wait, and shows how long', () => {
    const habits = { ...usualScenario.habits, seenAfterHours: 0.1, accept: 1 };
    const narrow = simulated(scenario({ habits, quotas: { ...usualQuotas, registryOperations: 1 } }));
    const wide = simulated(scenario({ habits }));
    expect(narrow.quotas.registryOperations?.longestWait).toBeGreaterThan(1000);
    expect(wide.quotas.registryOperations?.longestWait).toBeLessThan(10);
  });
});

test('moments come in their order, however they were put', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 200 }), (moments) => {
      const calendar = new Calendar(moments.length, 200_000);
      for (const [vehicle, at] of moments.entries()) calendar.put(vehicle, at);
      const taken: number[] = [];
      for (let due = calendar.take(200_000); due; due = calendar.take(200_000)) taken.push(due.at);
      expect(taken).toEqual([...moments].sort((a, b) => a - b));
    }),
  );
});

test('a quota gives what it has a second, first come, first served', () => {
  const gauge = new QuotaGauge(10);
  const done = Array.from({ length: 30 }, () => gauge.ask(0, 1));
  expect(done.at(-1)).toBe(2900);
  expect(gauge.ask(10_000, 1)).toBe(10_000);
  expect(gauge.use).toEqual({ quota: 10, peak: 30, busiestMinute: 31, longestWait: 3, total: 31 });
});

test('a terabyte costs what the list says, tier by tier', () => {
  const usd = (bytes: number) => billOf({ downloadedBytes: bytes })[0]?.usd;
  expect(usd(1e12)).toBe(85);
  expect(usd(51_200e9)).toBe(870.4 + 3276.8);
  expect(usd(900e12)).toBe(36_267.2);
});

test('a vehicle writes what the table of docs/decisions/campaigns.md says, from the offer to the end', () => {
  const { offered, decided, asked, began, installed } = consumptionOf;
  const units = [offered, decided, asked, asked, began, installed].reduce((sum, step) => sum + step.tableWrites, 0);
  expect(units).toBeGreaterThanOrEqual(11.2);
  expect(units).toBeLessThanOrEqual(11.6);
});

test('900,000 vehicles and a gigabyte each cost what a sum by hand says', () => {
  const consumed = { downloadedBytes: 900e12, jobExecutions: 900_000 };
  const [bytes, jobs] = [36_267.2, 250_000 * 0.003 + 650_000 * 0.0015];
  expect(billOf(consumed).reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(bytes + jobs, 2);
});

test('a download is on its way for as long as it takes', () => {
  const bandwidth = new Bandwidth(86_400_000);
  bandwidth.add(0, 3_600_000, 36e6);
  bandwidth.add(1_800_000, 5_400_000, 36e6);
  expect(bandwidth.peak).toBe(20_000);
});
