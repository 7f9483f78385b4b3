import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { repository } from '#local/assembly.ts';
import { planContent } from '#shared/sharing/prices/plan-order.ts';
import { type CityFile, cityFile } from '#shared/sharing/setup/city-file.ts';
import { systemFindings } from '#shared/sharing/setup/system-checks.ts';
import { contentOf, systemContentChanges } from '#shared/sharing/setup/system-order.ts';
import { endAllowed, isQuiet, ruleAt } from '#shared/sharing/zones/rule-at.ts';
import { zoneFindings } from '#shared/sharing/zones/zone-checks.ts';
import { zoneContent, zoneOrder, zoneOrderOf } from '#shared/sharing/zones/zone-order.ts';
import { type CityChange, changesTo } from '../../cli/city-changes.ts';
import { readCityFile } from '../../cli/city-file.ts';
import type { PresentCity } from '../../cli/city-present.ts';
import { CommandFailure } from '../../cli/outcome.ts';
import { rectangle, sampleSystem } from '../support/sharing-city.ts';

const desk = mkdtempSync(join(tmpdir(), 'fleetloom-city-'));
afterAll(() => rmSync(desk, { recursive: true, force: true }));

const text = readFileSync(join(repository, 'docs/examples/berlin.json'), 'utf8');
const berlin = readCityFile(join(repository, 'docs/examples/berlin.json'));

/** What is said of the example with something changed in it. */
function faults(spoil: (city: ReturnType<typeof JSON.parse>) => void): readonly string[] {
  const city = JSON.parse(text);
  spoil(city);
  const path = join(desk, 'spoilt.json');
  writeFileSync(path, JSON.stringify(city));
  try {
    readCityFile(path);
    return [];
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    expect(error.exitCode).toBe(2);
    return error.message.split('\n').slice(1);
  }
}

describe('a city’s file', () => {
  test.each(['berlin', 'hamburg'])('is sound where the documentation has it: %s', (name) => {
    expect(() => readCityFile(join(repository, `docs/examples/${name}.json`))).not.toThrow();
  });

  test('lists all that is wrong with it by JSON pointers, with the names of the API’s problems', () => {
    const found = faults((city) => {
      city.system.timeZone = 'Berlin';
      city.plans[1].perMinute = -25;
      city.plans[2].planId = 'e-up';
      city.zones[7].geometry.coordinates[0][0].pop();
      city.zones[4].geometry.coordinates[0][0] = city.zones[4].geometry.coordinates[0][0].map(([x, y]: number[]) => [
        y,
        x,
      ]);
      city.fleet[1].label = city.fleet[0].label;
      city.fleet[2].vehicleTypeId = 'e-golf';
    });
    const names = found.map((line) => line.trim().replace(/^(\S+): .*\((.*)\)$/, '$1 $2'));
    expect(names).toEqual([
      '/system/timeZone time-zone-unknown',
      '/plans/2/planId plan-twice',
      '/plans/1/perMinute price-negative',
      '/system/vehicleTypes/2/planId plan-unknown',
      '/system/vehicleTypes/3/planId plan-unknown',
      '/zones/4/geometry/coordinates/0/0/0 zone-coordinates-swapped',
      '/zones/7/geometry/coordinates/0/0 zone-not-closed',
      '/fleet/1/label label-twice',
      '/fleet/2 registration-missing',
    ]);
  });

  test('that has not the form is told where it has not', () => {
    const found = faults((city) => {
      delete city.operator.email;
      city.plans[0].perMinute = '0.29';
      city.zones[0].color = 'red';
      city.zones[1].geometry.type = 'Polygon';
    });
    expect(found.map((line) => line.trim().split(':')[0])).toEqual([
      '/operator/email',
      '/plans/0/perMinute',
      '/zones/0/color',
      '/zones/1/geometry/type',
    ]);
  });

  test('says of its zones what its names promise', () => {
    const set = { systemId: 'we-share-berlin', version: 1, zones: berlin.zones, globalRules: berlin.globalRules };
    const at = (longitude: number, latitude: number, type = 'e-golf') =>
      endAllowed(set, { longitude, latitude }, type, 0);
    expect([at(13.32, 52.5), at(13.35, 52.513), at(13.512, 52.368), at(13.2, 52.5)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([at(13.38, 52.509, 'bike'), at(13.376, 52.5095, 'bike'), at(13.512, 52.368, 'bike')]).toEqual([
      false,
      true,
      false,
    ]);
    const inThePark = { longitude: 13.35, latitude: 52.513 };
    expect(ruleAt(set, inThePark, 'scooter', 0).rule.maximumSpeedKph).toBe(12);
    expect(isQuiet(set, { longitude: 13.415, latitude: 52.52 }, 0)).toBe(true);
  });
});

describe('what has to change', () => {
  const nothing: PresentCity = { operator: undefined, system: undefined, plans: [], zones: undefined, fleet: [] };
  const done: PresentCity = {
    operator: { ...berlin.operator, version: 1 },
    system: { ...berlin.system, operatorId: 'we-share', version: 1 },
    plans: berlin.plans.map((plan) => ({ ...plan, version: 3 })),
    zones: { ...JSON.parse(JSON.stringify(zoneOrderOf(berlin))), version: 5 },
    fleet: (berlin.fleet ?? []).map((one, at) => ({ ...one, vehicleId: `veh-${at}`, speaks: 'operator' })),
  };
  const changed = (spoil: (city: ReturnType<typeof JSON.parse>) => void, present = done) => {
    const city = JSON.parse(text);
    spoil(city);
    const file: CityFile = cityFile.parse(city);
    return changesTo(file, present);
  };

  test('is everything of a city that is not there, in the order in which it can be done', () => {
    expect(changed(() => {}, nothing).map(({ what }) => what)).toEqual([
      'operator we-share: a new one',
      'system we-share-berlin: a new one',
      'plan e-golf: a new one',
      'plan e-up: a new one',
      'plan two-wheels: a new one',
      'zones: 8 zones',
      'vehicle Bike B-001: into service as bike',
      'vehicle Bike B-002: into service as bike',
      'vehicle Scooter B-001: into service as scooter',
    ]);
  });

  test('is nothing once it is as the file says', () => {
    expect(changed(() => {})).toEqual([]);
  });

  test('is what differs, said member by member, and sent as little', () => {
    const changes = changed((city) => {
      city.operator.email = 'hello@example.com';
      city.system.holds.minutes = 20;
      city.plans[0].perMinute = 31;
      city.zones.push({ ...city.zones[7], zoneId: 'twin' });
      city.fleet[0].planId = 'e-up';
    });
    expect(changes.map(({ what, method, body }) => [what, method, Object.keys(body).slice(0, 2)])).toEqual([
      ['operator we-share: changed', 'PATCH', ['email']],
      ['plan e-golf: version 4, for holds from now on', 'POST', ['planId', 'name']],
      ['system we-share-berlin: changed', 'PATCH', ['holds']],
      ['zones: version 6, 9 zones', 'POST', ['zones', 'globalRules']],
      ['vehicle Bike B-001: changed', 'PATCH', ['planId']],
    ]);
    expect(changes.map(({ details }) => details[0])).toEqual([
      'email: "help@example.com" → "hello@example.com"',
      'perMinute: 29 → 31',
      'holds.minutes: 15 → 20',
      expect.stringMatching(/^order: .* → .*, twin$/),
      'planId: null → "e-up"',
    ]);
    expect(changes[3]?.body).toMatchObject({ seenVersion: 5 });
  });

  /** What the platform would say to each call, one after the other: nothing, where it takes it. */
  const refused = (changes: readonly CityChange[]) => {
    const { market, currency } = berlin.system;
    let system = contentOf({ ...sampleSystem, ...berlin.system, systemId: sampleSystem.systemId });
    let zones = zoneContent.parse({ zones: berlin.zones, globalRules: berlin.globalRules });
    const plans = new Set(berlin.plans.map(({ planId }) => planId));
    return changes.flatMap(({ path, body }) => {
      if (path.endsWith('/plans')) plans.add(planContent.parse(body).planId);
      else if (path.endsWith('/zones')) zones = z.object(zoneOrder.shape).parse(body);
      else system = { ...system, ...systemContentChanges.parse(body) };
      const unplanned = system.vehicleTypes.filter(({ planId }) => !plans.has(planId));
      return [...systemFindings({ ...system, market, currency }), ...zoneFindings(zones, system), ...unplanned];
    });
  };

  test('is in an order in which no call contradicts what is there: plans, then whatever suits the rest', () => {
    const van = { ...berlin.system.vehicleTypes[0], vehicleTypeId: 'van', planId: 'van' };
    const withVan = (city: ReturnType<typeof JSON.parse>) => {
      city.system.vehicleTypes.push(van);
      city.plans.push({ ...city.plans[0], planId: 'van' });
    };
    const taken = changed(withVan);
    expect(taken.map(({ what }) => what)).toEqual(['plan van: a new one', 'system we-share-berlin: changed']);
    const closer = changed((city) => {
      city.system.bounds = [13.2, 52.4, 13.6, 52.6];
      city.zones.splice(6, 1);
    });
    expect(closer.map(({ what }) => what)).toEqual(['zones: version 6, 7 zones', 'system we-share-berlin: changed']);
    const moved = changed((city) => {
      withVan(city);
      city.system.bounds = [13.2, 52.4, 13.9, 52.7];
      city.zones[6].geometry.coordinates = rectangle(13.8, 52.5, 13.85, 52.55).coordinates;
      city.globalRules[1].vehicleTypeIds = ['e-golf', 'e-up', 'van'];
    });
    expect(moved.map(({ what }) => what)).toEqual([
      'plan van: a new one',
      'zones: version 6, 8 zones, for the moment',
      'system we-share-berlin: changed, for the moment',
      'zones: version 7, 8 zones',
      'system we-share-berlin: changed',
    ]);
    expect([taken, closer, moved].map(refused)).toEqual([[], [], []]);
  });

  test('is refused where it would make another system of it', () => {
    const other = (city: ReturnType<typeof JSON.parse>) => {
      city.operator.operatorId = 'other';
    };
    expect(() => changed(other)).toThrow(/operatorId: "we-share" → "other"/);
    const golf = { ...done, fleet: done.fleet.map((one) => ({ ...one, vehicleTypeId: 'e-golf' })) };
    expect(() => changed(() => {}, golf)).toThrow(/is of the type e-golf, not bike/);
  });
});
