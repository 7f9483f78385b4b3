import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HubSize, hubAsDeviceCloud } from '#functions/adapters/azure-iot-hub/campaign-load.ts';
import { Metering } from '#local/azure/hub/metering.ts';
import { type Load, Throttle } from '#local/azure/hub/throttle.ts';
import { DailyAllowance } from '#shared/ota/simulation/daily-allowance.ts';
import { QuotaGauge } from '#shared/ota/simulation/quota-gauge.ts';
import { usualScenario } from '#shared/ota/simulation/scenario.ts';
import { simulated } from '#shared/ota/simulation/simulation.ts';
import { hubSize } from '../../../cli/commands/scenario-options.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const sizes: readonly HubSize[] = [
  ...[1, 3, 20, 200].map((units) => ({ sku: 'S1' as const, units })),
  ...[1, 30].map((units) => ({ sku: 'S2' as const, units })),
  ...[1, 10].map((units) => ({ sku: 'S3' as const, units })),
];
const loads = {
  ...{ twinReads: 'twinReads', twinWrites: 'twinUpdates', callBytes: 'methods' },
  ...{ deviceSends: 'telemetry', connections: 'connects' },
} as const satisfies Record<string, Load>;

test.each(sizes)('the simulation reckons with the very throttles that the local hub has: %j', (size) => {
  const clock = new ManualClock();
  const { quotas, messagesPerDay } = hubAsDeviceCloud(size);
  const throttle = new Throttle({ clock, ...size });
  for (const [resource, load] of Object.entries(loads)) {
    const quota = Object.entries(quotas).find(([name]) => name === resource)?.[1] ?? 0;
    throttle.take(load, quota - 1);
    expect(throttle.wait(load, 1), resource).toBe(0);
    throttle.take(load, 1);
    expect(throttle.wait(load, 1), resource).toBeGreaterThan(0);
  }
  expect(Object.keys(quotas).sort()).toEqual(Object.keys(loads).sort());
  expect(new Metering({ clock, ...size }).quota).toBe(messagesPerDay);
});

test('a hub of the command line is said as S2:3, and one that there is none of is refused', () => {
  expect(['S1', 'S2:3', 'S3:10'].map(hubSize)).toEqual([
    { sku: 'S1', units: 1 },
    { sku: 'S2', units: 3 },
    { sku: 'S3', units: 10 },
  ]);
  for (const none of ['S9', 'S3:11', 'S1:0', 'F1:1', 'S1:many']) expect(() => hubSize(none), none).toThrow(/S[13]/);
});

test('whatever is asked whenever, no minute gives more than sixty times what a second has', () => {
  const asks = fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 1, max: 500 })), {
    minLength: 1,
    maxLength: 200,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), asks, (quota, steps) => {
      const gauge = new QuotaGauge(quota);
      let at = 0;
      for (const [after, units] of steps) {
        at += after;
        gauge.ask(at, units);
      }
      const { busiestMinute, total } = gauge.use;
      expect(busiestMinute).toBeLessThanOrEqual(60 * quota);
      expect(busiestMinute).toBeGreaterThanOrEqual(Math.min(total, 1));
    }),
  );
});

test('whatever is asked whenever, no day carries more than it may, and nothing begins before it was asked', () => {
  const hour = 3_600_000;
  const asks = fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 40 })), { maxLength: 200 });
  fc.assert(
    fc.property(asks, (steps) => {
      const allowance = new DailyAllowance(100);
      const days = new Map<number, number>();
      let at = 0;
      for (const [hours, units] of steps) {
        at += hours * hour;
        const begins = allowance.ask(at, units);
        expect(begins).toBeGreaterThanOrEqual(at);
        const day = Math.floor(begins / (24 * hour));
        days.set(day, (days.get(day) ?? 0) + units);
      }
      expect(Math.max(0, ...days.values())).toBeLessThanOrEqual(100);
      expect(allowance.use.busiestDay).toBe(Math.max(0, ...days.values()));
    }),
  );
});

describe('a campaign of a hub', () => {
  const habits = { ...usualScenario.habits, seenAfterHours: 0.5, accept: 1, tonight: 0 };
  const on = (size: HubSize) =>
    simulated({ ...usualScenario, habits, vehicles: 20_000, bytes: 1e9, deviceCloud: hubAsDeviceCloud(size) });

  test('keeps within its throttles in every simulated minute, and within its messages on every day', () => {
    const { quotas, messages, installed, hours } = on({ sku: 'S1', units: 1 });
    for (const resource of ['twinReads', 'twinWrites', 'callBytes', 'deviceSends', 'connections'] as const) {
      const use = quotas[resource];
      expect(use?.busiestMinute, resource).toBeGreaterThan(0);
      expect(use?.busiestMinute, resource).toBeLessThanOrEqual(60 * (use?.quota ?? 0));
    }
    expect(quotas.twinWrites?.busiestMinute).toBe(3000);
    expect(messages?.busiestDay).toBeLessThanOrEqual(400_000);
    expect(messages?.total).toBeGreaterThan(800_000);
    // So many messages are more than two days' worth.
    expect(hours.lastInstalled).toBeGreaterThan(48);
    expect(installed).toBeGreaterThan(19_900);
  });

  test('is none the slower on a larger one, and needs as many messages to a thousandth', () => {
    const [small, large] = [on({ sku: 'S1', units: 1 }), on({ sku: 'S3', units: 1 })];
    expect(large.hours.halfInstalled ?? 0).toBeLessThan(small.hours.halfInstalled ?? 0);
    // Chances fall in the order of moments, and a few more or fewer are tried again.
    expect(large.messages?.total ?? 0).toBeGreaterThan(0.999 * (small.messages?.total ?? 0));
    expect(large.messages?.total ?? 0).toBeLessThan(1.001 * (small.messages?.total ?? 0));
  });

  test('pays AWS for what the platform does there, and for no job, shadow or message', () => {
    const { bill } = on({ sku: 'S2', units: 1 });
    const iot = bill.filter(({ service }) => service.startsWith('IoT '));
    expect(iot.map(({ usd }) => usd)).toEqual(iot.map(() => 0));
    expect(bill.find(({ service }) => service.startsWith('DynamoDB, write'))?.usd).toBeGreaterThan(0);
  });
});
