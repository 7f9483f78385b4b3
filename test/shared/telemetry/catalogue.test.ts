import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkValue, type Signal, signal, signals } from '#shared/telemetry/catalogue.ts';

const release = fileURLToPath(new URL('../../../../shared/data/vss/vss_release_6.0.json', import.meta.url));
const released = existsSync(release);

function known(path: string): Signal {
  const found = signal(path);
  if (found === undefined) throw new Error(`VSS 6 has no ${path}`);
  return found;
}

describe('the catalogue', () => {
  test('knows the signals that the blueprint names', () => {
    expect(known('Vehicle.Speed')).toEqual({ path: 'Vehicle.Speed', datatype: 'float', unit: 'km/h' });
    expect(known('Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed')).toMatchObject({ min: 0, max: 100 });
    expect(known('Vehicle.Cabin.Door.Row1.DriverSide.IsLocked').datatype).toBe('boolean');
    expect(known('Vehicle.CurrentLocation.Latitude')).toMatchObject({ min: -90, max: 90, unit: 'degrees' });
    expect([...signals()].length).toBeGreaterThan(1000);
  });

  test('finds each signal that it lists, and nothing else', () => {
    for (const listed of signals()) expect(signal(listed.path)).toEqual(listed);
    for (const path of [
      '',
      'Vehicle',
      'Vehicle.Cabin',
      'Vehicle.Speed.Speed',
      'Vehicle.constructor',
      '__proto__',
      'vehicle.speed',
    ])
      expect(signal(path)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (path) => signal(`Vehicle.${path} `) === undefined));
  });

  test('stays small enough to travel in a function', () => {
    const file = new URL('../../../shared/telemetry/vss-catalogue.json', import.meta.url);
    expect(readFileSync(file).byteLength).toBeLessThan(60_000);
  });

  test.skipIf(!released)('says what the VSS 6.0 release file says (skipped where ../shared/data/vss is absent)', () => {
    const stated = [...leaves('', JSON.parse(readFileSync(release, 'utf8')))];
    expect([...signals()]).toEqual(stated);
  });
});

function* leaves(prefix: string, nodes: Record<string, Record<string, unknown>>): Generator<unknown> {
  for (const [name, node] of Object.entries(nodes)) {
    const { children, datatype, unit, min, max, allowed, pattern } = node;
    if (children === undefined) {
      yield JSON.parse(JSON.stringify({ path: prefix + name, datatype, unit, min, max, allowed, pattern }));
    } else yield* leaves(`${prefix}${name}.`, JSON.parse(JSON.stringify(children)));
  }
}

describe('a value', () => {
  const refusals: [path: string, value: unknown, reason: string][] = [
    ['Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed', 100.1, 'is above the maximum 100 percent'],
    ['Vehicle.CurrentLocation.Latitude', -90.5, 'is below the minimum -90 degrees'],
    ['Vehicle.Speed', '50', 'is not a finite number'],
    ['Vehicle.Speed', Number.NaN, 'is not a finite number'],
    ['Vehicle.Speed', 1e39, 'is above the maximum 3.402823466e+38 km/h'],
    ['Vehicle.Cabin.HVAC.Station.Row1.Driver.FanSpeed', 1.5, 'is not a whole number'],
    ['Vehicle.Cabin.DoorCount', 256, 'is above the maximum 255'],
    ['Vehicle.Cabin.Door.Row1.DriverSide.IsLocked', 1, 'is not a boolean'],
    ['Vehicle.LowVoltageSystemState', 'ONN', 'is none of UNDEFINED, LOCK, OFF, ACC, ON, START'],
    ['Vehicle.VehicleIdentification.Brand', 7, 'is not a string'],
    ['Vehicle.VehicleIdentification.Brand', 'x'.repeat(1001), 'is too long: it has more than 1000 characters'],
    ['Vehicle.Powertrain.FuelSystem.SupportedFuel', 'E85', 'belongs to a signal of lists, which readings do not carry'],
  ];
  test.each(refusals)('of %s cannot be %j: it %s', (path, value, reason) => {
    expect(checkValue(known(path), value)).toBe(reason);
  });

  test('at the bounds is within them', () => {
    for (const { path, min, max } of signals())
      for (const bound of [min, max])
        if (bound !== undefined) expect([path, checkValue(known(path), bound)]).toEqual([path, undefined]);
  });

  test('that is allowed is accepted', () => {
    for (const one of signals())
      if (one.datatype === 'string')
        for (const value of one.allowed ?? []) expect(checkValue(one, value)).toBeUndefined();
  });
});
