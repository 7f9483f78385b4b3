import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DriveState, drive, readingsOf, startOf } from '#local/simulator/drive.ts';
import { checkValue, signal } from '#shared/telemetry/catalogue.ts';

const vin = fc.stringMatching(/^[A-HJ-NPR-Z0-9]{17}$/);

function later(state: DriveState, steps: readonly number[]): DriveState {
  return steps.reduce(drive, state);
}

describe('a simulated drive', () => {
  test('says only what VSS 6 admits', () => {
    const steps = fc.array(fc.double({ min: 0.1, max: 60, noNaN: true }), { maxLength: 60 });
    const actuators = fc.record({
      climate: fc.boolean(),
      charging: fc.boolean(),
      locked: fc.boolean(),
      horn: fc.boolean(),
    });
    fc.assert(
      fc.property(vin, steps, actuators, (one, pauses, set) => {
        for (const [path, value] of Object.entries(readingsOf(later({ ...startOf(one), ...set }, pauses)))) {
          const known = signal(path);
          expect([path, known === undefined ? 'unknown' : checkValue(known, value)]).toEqual([path, undefined]);
        }
      }),
    );
  });

  test('of the same VIN is always the same', () => {
    const steps = Array.from({ length: 50 }, () => 8);
    expect(later(startOf('WVWZZZE1ZMP000001'), steps)).toEqual(later(startOf('WVWZZZE1ZMP000001'), steps));
    expect(startOf('WVWZZZE1ZMP000001')).not.toEqual(startOf('WVWZZZE1ZMP000002'));
  });

  test('moves, wears the battery, and stays in town', () => {
    const begin = startOf('WVWZZZE1ZMP000001');
    const end = later(
      begin,
      Array.from({ length: 450 }, () => 8),
    );
    expect(end.odometer - begin.odometer).toBeGreaterThan(5000);
    expect(end.charge).toBeLessThan(begin.charge);
    for (const path of ['Vehicle.CurrentLocation.Latitude', 'Vehicle.CurrentLocation.Longitude']) {
      expect(Math.abs(Number(readingsOf(end)[path]) - Number(readingsOf(begin)[path]))).toBeLessThan(0.5);
    }
  });

  test('stops to charge, up to the limit, and warms the cabin when told to', () => {
    const told = {
      ...startOf('WVWZZZE1ZMP000001'),
      charge: 50,
      charging: true,
      chargeLimit: 60,
      climate: true,
      target: 24,
    };
    const end = later(
      told,
      Array.from({ length: 60 }, () => 10),
    );
    expect(end.speed).toBe(0);
    expect(end.cabin).toBeGreaterThan(22);
    const full = later(
      told,
      Array.from({ length: 600 }, () => 10),
    );
    expect(full.charging).toBe(false);
  });
});
