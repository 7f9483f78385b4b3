import { describe, expect, test } from 'vitest';
import { compilePattern } from '#local/events/event-pattern.ts';

const event = {
  source: 'fleetloom.registry',
  'detail-type': 'VehicleSuspended',
  resources: ['a', 'b'],
  detail: { brand: 'Audi', charge: 80, parked: true, owner: null, doors: [{ open: false }, { open: true }] },
};

describe('an event pattern', () => {
  test.each<[object, boolean]>([
    [{ source: ['fleetloom.registry'] }, true],
    [{ source: ['other', 'fleetloom.registry'], 'detail-type': ['VehicleSuspended'] }, true],
    [{ source: ['fleetloom.registry'], 'detail-type': ['other'] }, false],
    [{ resources: ['b'] }, true],
    [{ resources: ['c'] }, false],
    [{ detail: { charge: [80], parked: [true], owner: [null] } }, true],
    [{ detail: { charge: ['80'] } }, false],
    [{ detail: { absent: [null] } }, false],
    [{ detail: { doors: { open: [true] } } }, true],
    [{ source: [{ prefix: 'fleetloom.' }] }, true],
    [{ source: [{ prefix: 'registry' }] }, false],
    [{ source: [{ suffix: '.registry' }] }, true],
    [{ detail: { brand: [{ 'equals-ignore-case': 'AUDI' }] } }, true],
    [{ detail: { brand: [{ 'anything-but': 'Audi' }] } }, false],
    [{ detail: { brand: [{ 'anything-but': ['Opel', 'DS'] }] } }, true],
    [{ detail: { absent: [{ 'anything-but': ['Opel'] }] } }, false],
    [{ source: [{ 'anything-but': { prefix: 'aws.' } }] }, true],
    [{ detail: { brand: [{ exists: true }] } }, true],
    [{ detail: { absent: [{ exists: false }] } }, true],
    [{ detail: { brand: [{ exists: false }] } }, false],
    [{ detail: { charge: [{ numeric: ['>', 20, '<=', 80] }] } }, true],
    [{ detail: { charge: [{ numeric: ['<', 80] }] } }, false],
    [{ detail: { brand: [{ numeric: ['<', 80] }] } }, false],
    [{ detail: { charge: [{ numeric: ['<', 10] }, 80] } }, true],
  ])('%j: %s', (pattern, expected) => {
    expect(compilePattern(pattern)(event)).toBe(expected);
  });

  test.each([
    [{ source: [{ wildcard: '*' }] }, /wildcard/],
    [{ source: [{ 'anything-but': { suffix: 'x' } }] }, /suffix/],
    [{ $or: [{ source: ['a'] }] }, /\$or/],
    [{ detail: { charge: [{ numeric: ['<>', 1] }] } }, /numeric/],
    [{ source: [] }, /empty list/],
    [{ source: 'text' }, /must be an object/],
    [{}, /empty/],
  ])('%j stops the start, by name', (pattern, error) => {
    expect(() => compilePattern(pattern)).toThrow(error);
  });
});
