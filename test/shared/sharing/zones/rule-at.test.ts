import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endAllowed, isQuiet, ruleAt } from '#shared/sharing/zones/rule-at.ts';
import type { Place, Zone, ZoneRule, ZoneSet } from '#shared/sharing/zones/zone.ts';
import { allowed, noParking, rectangle, sampleZones, zone } from '../../../support/sharing-city.ts';

const now = 1_000;
const inside: Place = { longitude: 13.36, latitude: 52.515 };
const types = ['e-golf', 'scooter', 'bike'];

describe('which rule holds at a place', () => {
  test('the earliest zone counts where two overlap, and the later one where only it is', () => {
    expect(ruleAt(sampleZones, inside, 'e-golf', now).zone?.zoneId).toBe('park');
    expect(ruleAt(sampleZones, { longitude: 13.4, latitude: 52.5 }, 'e-golf', now).zone?.zoneId).toBe('home');
    expect(ruleAt(sampleZones, { longitude: 13.1, latitude: 52.4 }, 'e-golf', now)).toEqual({ rule: noParking });
  });

  test('a zone that says nothing of the type leaves the word to the next one', () => {
    const slow: ZoneRule = { ...allowed, vehicleTypeIds: ['scooter'], maximumSpeedKph: 10 };
    const set = {
      ...sampleZones,
      zones: [zone('slow', rectangle(13.3, 52.5, 13.4, 52.53), [slow]), ...sampleZones.zones],
    };
    expect(ruleAt(set, inside, 'scooter', now).rule.maximumSpeedKph).toBe(10);
    expect(ruleAt(set, inside, 'e-golf', now).zone?.zoneId).toBe('park');
  });

  test('a zone counts from its start, and no more at its end', () => {
    const fair = zone('fair', rectangle(13.3, 52.5, 13.4, 52.53), [noParking], { start: 100, end: 200 });
    const set = { ...sampleZones, zones: [fair], globalRules: [allowed] };
    expect([99, 100, 199, 200].map((at) => endAllowed(set, inside, 'e-golf', at))).toEqual([true, false, false, true]);
  });

  test('the boundary belongs to a zone, the hole in it does not', () => {
    const ring = (w: number, s: number, e: number, n: number) => rectangle(w, s, e, n).coordinates[0]?.[0] ?? [];
    const geometry = { type: 'MultiPolygon' as const, coordinates: [[ring(0, 0, 9, 9), ring(3, 3, 6, 6)]] };
    const set = { ...sampleZones, zones: [zone('ring', geometry, [noParking])], globalRules: [allowed] };
    const at = (longitude: number, latitude: number) => endAllowed(set, { longitude, latitude }, 'e-golf', now);
    expect([at(0, 5), at(9, 9), at(1, 1), at(4, 4), at(10, 5)]).toEqual([false, false, false, true, true]);
  });

  test('where parking asks for a station, a trip ends in one and nowhere else', () => {
    const station = zone('station-1', rectangle(13.361, 52.516, 13.362, 52.517), [], { stationId: 'tiergarten' });
    const stations = zone('stations', rectangle(13.3, 52.5, 13.4, 52.53), [{ ...allowed, stationParking: true }]);
    const set = { ...sampleZones, zones: [stations, station] };
    expect(endAllowed(set, inside, 'e-golf', now)).toBe(false);
    expect(endAllowed(set, { longitude: 13.3615, latitude: 52.5165 }, 'e-golf', now)).toBe(true);
  });

  test('a garage without coverage is known for it, and changes nothing of what is allowed there', () => {
    const garage = { longitude: 13.411, latitude: 52.511 };
    expect([isQuiet(sampleZones, garage, now), isQuiet(sampleZones, inside, now)]).toEqual([true, false]);
    expect(ruleAt(sampleZones, garage, 'e-golf', now).zone?.zoneId).toBe('home');
  });
});

const corner = fc.integer({ min: 0, max: 8 });
const anyRule = fc.record<ZoneRule>(
  {
    vehicleTypeIds: fc.subarray(types, { minLength: 1 }),
    rideStartAllowed: fc.boolean(),
    rideEndAllowed: fc.boolean(),
    rideThroughAllowed: fc.boolean(),
    maximumSpeedKph: fc.integer({ min: 5, max: 50 }),
  },
  { requiredKeys: ['rideStartAllowed', 'rideEndAllowed', 'rideThroughAllowed'] },
);
const anyBox = fc
  .tuple(corner, corner, corner, corner)
  .map(([w, s, width, height]) => [w, s, w + width + 1, s + height + 1] as const);
const anyZone = fc.record({ box: anyBox, rules: fc.array(anyRule, { maxLength: 3 }), start: corner, end: corner });

test('the answer is that of the first pair of zone and rule, in the order of the list, that speaks of type, place and time', () => {
  fc.assert(
    fc.property(
      fc.array(anyZone, { maxLength: 6 }),
      fc.array(anyRule, { maxLength: 2 }),
      fc.constantFrom(...types),
      fc.tuple(corner, corner, corner),
      (drawn, globalRules, type, [x, y, at]) => {
        const place = { longitude: x + 0.5, latitude: y + 0.5 };
        const zones: Zone[] = drawn.map(({ box, rules, start, end }, i) =>
          zone(`zone-${i}`, rectangle(...box), rules, { start, end }),
        );
        const set: ZoneSet = { ...sampleZones, zones, globalRules };
        // The oracle flattens everything into one list, and knows rectangles alone.
        const pairs = drawn.flatMap(({ box: [w, s, e, n], rules, start, end }, index) =>
          rules.map((rule) => ({
            rule,
            index,
            there:
              w < place.longitude &&
              place.longitude < e &&
              s < place.latitude &&
              place.latitude < n &&
              start <= at &&
              at < end,
          })),
        );
        const speaks = ({ vehicleTypeIds }: ZoneRule) => vehicleTypeIds === undefined || vehicleTypeIds.includes(type);
        const expected = pairs.find(({ rule, there }) => there && speaks(rule));
        const found = ruleAt(set, place, type, at);
        expect(found.zone?.zoneId).toBe(expected && `zone-${expected.index}`);
        expect(found.rule).toEqual(expected?.rule ?? globalRules.find(speaks) ?? allowed);
      },
    ),
  );
});
