import { expect, test } from 'vitest';
import { figureLines, figureRow, relocation, relocationLines, task, taskLines } from '../../cli/field-view.ts';

const now = Date.parse('2026-11-22T12:00:00Z');

test('what there is to do stands in a table, and where there is nothing it says so', () => {
  const one = task.parse({
    ...{ taskId: 'tsk-1', vehicleId: 'veh-1', kind: 'charge', why: 'low-charge', what: 'Charge it', priority: 2 },
    ...{ status: 'open', raisedAt: '2026-11-22T10:30:00Z', label: 'Scooter 7', charge: 6.4, distance: 1310.2 },
    place: { latitude: 52.50041, longitude: 13.4211 },
  });
  const other = task.parse({ ...one, label: undefined, charge: undefined, place: undefined, distance: undefined });
  expect(taskLines([one, other], now)).toEqual([
    '   kind    vehicle    charge  place            away     since       what',
    '2  charge  Scooter 7  6 %     52.5004,13.4211  1,310 m  1 h 30 min  Charge it',
    '2  charge  veh-1      –       unknown          –        1 h 30 min  Charge it',
  ]);
  expect(taskLines([], now)).toEqual(['Nothing is to be done.']);
});

test('a suggestion names the vehicle, both places and how long nobody has wanted it', () => {
  const spot = (latitude: number) => ({ cell: 'r1c1', place: { latitude, longitude: 13.4 } });
  const ids = { vehicleId: 'veh-1', label: 'B-WS 1', from: spot(52.5), to: spot(52.52) };
  const lines = relocationLines([relocation.parse({ ...ids, distance: 2224.4, idleMinutes: 410, expected: 3.5 })]);
  expect(lines[1]).toBe('B-WS 1   52.5000,13.4000  52.5200,13.4000  r1c1  2,224 m  6 h 50 min  3.50');
});

test('figures end with their sum; in use is what was used of what could have been', () => {
  const row = figureRow.parse({
    ...{ localFrom: '2026-11-22T09:00+01:00', zoneId: 'centre', currency: 'EUR', availableMinutes: 300 },
    ...{ reservedMinutes: 20, onTripMinutes: 80, outOfServiceMinutes: 60, trips: 3, tripMinutes: 75, kilometres: 12.5 },
    ...{ gross: 2841, net: 2387, refunded: 0, unmetSearches: 1 },
  });
  const { zoneId: _, ...outside } = row;
  const lines = figureLines([row, outside]);
  expect(lines[1]).toBe(
    '2026-11-22T09:00+01:00  centre  25.0 %  3      1.3    12.5  28.41 EUR  23.87 EUR  0.00 EUR  1',
  );
  expect(lines[3]).toBe(
    'together                        25.0 %  6      2.5    25.0  56.82 EUR  47.74 EUR  0.00 EUR  2',
  );
  expect(figureLines([])).toEqual(['Nothing was counted.']);
});
