import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Position, Zone } from '#shared/sharing/zones/zone.ts';
import { mostZoneBytes, mostZones, zoneFindings } from '#shared/sharing/zones/zone-checks.ts';
import { allowed, noParking, rectangle, sampleSystem, sampleZones, zone } from '../../../support/sharing-city.ts';

type Ring = readonly Position[];

function findings(...rings: readonly Ring[]) {
  return findingsOf(zone('home', { type: 'MultiPolygon', coordinates: [rings] }, [allowed]));
}

function findingsOf(...zones: readonly Zone[]) {
  return zoneFindings({ zones, globalRules: [noParking] }, sampleSystem);
}

const codes = (found: readonly { code: string }[]) => found.map(({ code }) => code);
const square: Ring = rectangle(13.3, 52.4, 13.5, 52.6).coordinates[0]?.[0] ?? [];

describe('a zone set is refused', () => {
  test('not at all when it is sound', () => {
    expect(zoneFindings(sampleZones, sampleSystem)).toEqual([]);
  });

  test('with a boundary that crosses itself, and says where', () => {
    const bow: Ring = [
      [13.3, 52.4],
      [13.5, 52.6],
      [13.5, 52.4],
      [13.3, 52.6],
      [13.3, 52.4],
    ];
    const [found, ...more] = findings(bow);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ code: 'zone-crosses-itself', pointer: '/zones/0/geometry/coordinates/0/0' });
    expect(found?.detail).toContain('[13.4, 52.5]');
  });

  test('with a boundary that goes back upon itself', () => {
    const spike: Ring = [...square.slice(0, 2), [13.6, 52.4], [13.5, 52.4], ...square.slice(2)];
    expect(codes(findings(spike))).toEqual(['zone-crosses-itself']);
    const flat: Ring = [
      [13.3, 52.4],
      [13.5, 52.4],
      [13.4, 52.4],
      [13.3, 52.4],
    ];
    expect(codes(findings(flat))).toEqual(['zone-crosses-itself']);
    expect(codes(findings([...square.slice(0, 2), ...square.slice(1)]))).toEqual(['zone-crosses-itself']);
  });

  test('with a ring that is not closed, or has fewer than four positions', () => {
    expect(codes(findings(square.slice(0, -1)))).toEqual(['zone-not-closed']);
    expect(codes(findings(square.slice(0, 3)))).toEqual(['zone-ring-too-short']);
    expect(codes(findings([]))).toEqual(['zone-ring-too-short']);
    expect(codes(findings())).toEqual(['zone-ring-too-short']);
  });

  test('outside the city, and where latitude came first it says so', () => {
    const munich: Ring = rectangle(11.4, 48.1, 11.6, 48.2).coordinates[0]?.[0] ?? [];
    expect(codes(findings(munich))).toEqual(['zone-outside-system']);
    const [swapped, ...more] = findings(square.map(([x, y]): Position => [y, x]));
    expect(more).toEqual([]);
    expect(swapped).toMatchObject({
      code: 'zone-coordinates-swapped',
      pointer: '/zones/0/geometry/coordinates/0/0/0',
      detail: expect.stringContaining('longitude first'),
    });
  });

  test('with a hole that leaves its zone', () => {
    const within: Ring = rectangle(13.35, 52.45, 13.4, 52.5).coordinates[0]?.[0] ?? [];
    const across: Ring = rectangle(13.45, 52.45, 13.55, 52.5).coordinates[0]?.[0] ?? [];
    const beside: Ring = rectangle(13.6, 52.45, 13.7, 52.5).coordinates[0]?.[0] ?? [];
    expect(findings(square, within)).toEqual([]);
    expect(codes(findings(square, across))).toEqual(['zone-crosses-itself']);
    expect(codes(findings(square, beside))).toEqual(['zone-crosses-itself']);
  });

  test('with names that stand twice, types that nobody knows, and a type that nothing is said of', () => {
    const [park] = sampleZones.zones;
    if (park === undefined) throw new Error('the sample has zones');
    const rule = { ...allowed, vehicleTypeIds: ['scooter', 'e-gulf'] };
    expect(zoneFindings({ zones: [park, { ...park, rules: [rule] }], globalRules: [rule] }, sampleSystem)).toEqual([
      expect.objectContaining({ code: 'zone-twice', pointer: '/zones/1/zoneId' }),
      expect.objectContaining({ code: 'vehicle-type-unknown', pointer: '/zones/1/rules/0/vehicleTypeIds/1' }),
      expect.objectContaining({ code: 'vehicle-type-unknown', pointer: '/globalRules/0/vehicleTypeIds/1' }),
      expect.objectContaining({ code: 'zone-rule-missing', pointer: '/globalRules' }),
    ]);
  });

  test('that is never in force, or says nothing', () => {
    const geometry = rectangle(13.3, 52.4, 13.5, 52.6);
    expect(codes(findingsOf(zone('a', geometry, [allowed], { start: 5, end: 5 })))).toEqual(['zone-never-in-force']);
    expect(codes(findingsOf(zone('a', geometry, [])))).toEqual(['zone-says-nothing']);
  });

  test('with too many zones, or too much to travel in one message', () => {
    const geometry = rectangle(13.3, 52.4, 13.5, 52.6);
    const many = Array.from({ length: mostZones + 1 }, (_, i) => zone(`zone-${i}`, geometry, [allowed]));
    expect(codes(findingsOf(...many))).toEqual(['zones-too-many']);
    const long: Ring = Array.from({ length: mostZoneBytes / 10 }, (): Position => [13.333333, 52.444444]);
    expect(codes(findings(long))).toEqual(['zones-too-large']);
  });
});

/** Around [13.4, 52.5]: a star, which never crosses itself, whatever its spokes. */
const star = fc.array(fc.integer({ min: 20, max: 100 }), { minLength: 4, maxLength: 40 }).map((spokes) => {
  const positions = spokes.map((length, i): Position => {
    const angle = (2 * Math.PI * i) / spokes.length;
    return [13.4 + (length / 1000) * Math.cos(angle), 52.5 + (length / 1000) * Math.sin(angle)];
  });
  return [...positions, ...positions.slice(0, 1)];
});
const round = fc.integer({ min: 5, max: 40 }).map((corners) =>
  Array.from({ length: corners + 1 }, (_, i): Position => {
    const angle = (2 * Math.PI * (i % corners)) / corners;
    return [13.4 + 0.1 * Math.cos(angle), 52.5 + 0.1 * Math.sin(angle)];
  }),
);

describe('whatever is drawn', () => {
  test('a star is taken; opened, swapped, or moved elsewhere it is refused by the one name of its fault', () => {
    fc.assert(
      fc.property(star, (ring) => {
        expect(findings(ring)).toEqual([]);
        expect(codes(findings(ring.slice(0, -1)))).toEqual(['zone-not-closed']);
        expect(codes(findings(ring.map(([x, y]): Position => [y, x])))).toEqual(['zone-coordinates-swapped']);
        expect(codes(findings(ring.map(([x, y]): Position => [x + 2, y])))).toEqual(['zone-outside-system']);
      }),
    );
  });

  test('two corners of a round zone that change places make it cross itself', () => {
    fc.assert(
      fc.property(round, fc.nat(), fc.nat(), (ring, a, b) => {
        const corners = ring.slice(0, -1);
        const [i, k] = [a % corners.length, b % corners.length];
        fc.pre(i !== k);
        const [one, other] = [corners[i], corners[k]];
        if (one === undefined || other === undefined) return;
        const mixed = corners.with(i, other).with(k, one);
        expect(codes(findings([...mixed, ...mixed.slice(0, 1)]))).toEqual(['zone-crosses-itself']);
      }),
    );
  });
});
