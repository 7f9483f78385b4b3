import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkBatch } from '#shared/telemetry/batch.ts';
import { checkValue, signal } from '#shared/telemetry/catalogue.ts';

const receivedAt = Date.parse('2026-11-21T08:30:00Z');
const keptFor = 90 * 24 * 3_600_000;
const check = (bytes: Uint8Array) => checkBatch(bytes, { receivedAt, keptFor });
const bytesOf = (message: unknown) => new TextEncoder().encode(JSON.stringify(message));

const path = fc.oneof(
  fc.constantFrom(
    'Vehicle.Speed',
    'Vehicle.TraveledDistance',
    'Vehicle.Cabin.Door.Row1.DriverSide.IsLocked',
    'Vehicle.VehicleIdentification.VIN',
  ),
  fc.string(),
);
const reading = fc.oneof(fc.tuple(fc.integer({ min: -5, max: 4_000_000 }), fc.jsonValue()), fc.jsonValue());
const message = fc.record({
  sequence: fc.oneof(fc.nat(), fc.jsonValue()),
  start: fc.oneof(fc.integer({ min: receivedAt - 2 * keptFor, max: receivedAt + 600_000 }), fc.jsonValue()),
  signals: fc.oneof(fc.dictionary(path, fc.oneof(fc.array(reading), fc.jsonValue())), fc.jsonValue()),
});

test('whatever bytes come, they are judged and never cause an error', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void check(bytes)));
  fc.assert(fc.property(fc.jsonValue(), (value) => void check(bytesOf(value))));
});

test('every reading is either kept or refused with a reason, and what is kept is right', () => {
  fc.assert(
    fc.property(message, (sent) => {
      const result = check(bytesOf(sent));
      if (result.kind === 'broken') return;
      const { readings } = result.batch;
      const columns: unknown[] = Object.values(
        typeof sent.signals === 'object' && sent.signals !== null ? sent.signals : {},
      );
      const total = columns.reduce((sum: number, column) => sum + (Array.isArray(column) ? column.length : 1), 0);
      const refused = result.refused.reduce((sum, { count }) => sum + count, 0);
      expect(readings.length + refused).toBe(total);
      for (const kept of readings) {
        const known = signal(kept.path);
        expect(known === undefined ? 'unknown' : checkValue(known, kept.value)).toBeUndefined();
        expect(kept.path).not.toContain('VIN');
        expect(kept.time).toBeGreaterThanOrEqual(receivedAt - keptFor);
        expect(kept.time).toBeLessThanOrEqual(receivedAt + 5 * 60_000);
      }
    }),
    { numRuns: 500 },
  );
});

test('a value that names a person is refused without being repeated', () => {
  const result = check(
    bytesOf({
      sequence: 1,
      start: receivedAt,
      signals: { 'Vehicle.VehicleIdentification.VIN': [[0, 'WVWZZZE1ZMP000001']] },
    }),
  );
  expect(result).toMatchObject({ kind: 'checked', refused: [{ count: 1, examples: [] }] });
});
