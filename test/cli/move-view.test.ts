import { expect, test } from 'vitest';
import { atHome, told } from '../../cli/move-view.ts';

const vehicleId = 'veh-1';
const since = '2026-11-22T08:00:00.000Z';
const shown = (seen: object) => told(atHome.parse({ vehicleId, ...seen }));

test('a vehicle that has never moved is at home in the first device cloud', () => {
  expect(shown({})).toBe('veh-1 is at home in first.');
  expect(shown({ home: { name: 'weu', epoch: 1 } })).toBe('veh-1 is at home in weu.');
});

test('whoever watches a move sees how far it is, by when it has to be there, and why it comes back', () => {
  const home = { name: 'first', epoch: 0 };
  const told = shown({ home, move: { step: 'told', to: 'weu', since, deadline: since } });
  expect(told).toMatch(/^veh-1 is at home in first; told: to weu, until 22 Nov 2026, .* at the latest\.$/);
  const returning = shown({ home, move: { step: 'returning', to: 'weu', since, reason: 'called-back' } });
  expect(returning).toBe('veh-1 is at home in first; returning: it does not go to weu (called-back).');
  const arrived = shown({ home: { name: 'weu', epoch: 1 }, move: { step: 'settled', from: 'first', since } });
  expect(arrived).toBe('veh-1 is at home in weu; settled: came from first.');
});

test('a move that came to nothing is told with its reason', () => {
  const lastMove = { to: 'weu', at: since, reason: 'refused', code: 'twin-too-large' };
  expect(shown({ home: { name: 'first', epoch: 0 }, lastMove })).toContain(
    'it did not move to weu (refused: twin-too-large), 22 Nov 2026',
  );
});
