import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { scopeNames } from '#shared/access/scopes.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { TelemetryBatch } from '#shared/vehicle-cloud/envelopes.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let vehicleId: VehicleId;
const start = Date.parse('2026-11-21T08:00:00Z');
const iso = (at: number) => new Date(at).toISOString();
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());
beforeEach(async () => {
  vehicleId = await anActiveVehicle(api);
});

function message(batch: unknown) {
  const payload = batch instanceof Uint8Array ? batch : new TextEncoder().encode(JSON.stringify(batch));
  return { vehicleId, receivedAt: api.time.now, payload };
}
const report = (...batches: unknown[]) => api.intake.takeIn(vehicleId, batches.map(message));
const speeds = (sequence: number, at: number, ...values: number[]): TelemetryBatch => ({
  ...{ sequence, start: at },
  signals: { 'Vehicle.Speed': values.map((value, index) => [index * 1000, value]) },
});
const last = (query = '', scopes = scopeNames) =>
  api.call('GET', `/v1/vehicles/${vehicleId}/telemetry${query}`, { scopes });
const history = (query: string) =>
  api.call('GET', `/v1/vehicles/${vehicleId}/telemetry/history?signal=Vehicle.Speed&${query}`);

describe('the last known values', () => {
  test('are the newest of each signal, whatever order and how often messages come', async () => {
    await report(speeds(3, start + 60_000, 50, 51.5), speeds(1, start, 10, 11));
    await report(speeds(2, start + 30_000, 30), speeds(3, start + 60_000, 50, 51.5));
    const { json } = await last();
    expect(json.signals).toEqual({ 'Vehicle.Speed': { value: 51.5, unit: 'km/h', time: iso(start + 61_000) } });
  });

  test('are left out without their scope, and refused where they are named', async () => {
    await report({
      ...{ sequence: 1, start },
      signals: {
        'Vehicle.CurrentLocation.Latitude': [[0, 52.4]],
        'Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed': [[0, 80.5]],
        'Vehicle.TraveledDistance': [[0, 1200]],
        'Vehicle.Speed': [[0, 0]],
      },
    });
    expect(Object.keys((await last()).json.signals)).toHaveLength(4);
    expect(Object.keys((await last('', ['read_telemetry'])).json.signals)).toEqual(['Vehicle.Speed']);
    const named = await last('?signals=Vehicle.Speed,Vehicle.CurrentLocation.Latitude', ['read_telemetry']);
    expect([named.status, named.json.detail]).toEqual([403, 'This needs the scope fleetloom/read_location.']);
    expect((await last('?signals=Vehicle.Speed')).json.signals).toHaveProperty(['Vehicle.Speed']);
    expect((await last('?signals=Vehicle.Warp')).status).toBe(400);
  });
});

describe('what is not as agreed goes to quarantine with its reason', () => {
  const quarantined = () => api.quarantined.filter((entry) => entry.vehicleId === vehicleId);

  test.each([
    ['{', /not JSON/],
    [new Uint8Array([0xff, 0xfe]), /not UTF-8/],
    [new Uint8Array(70_000), /larger/],
    [[], /not an object/],
    [speeds(1, 0, 1), /before the time/],
    [speeds(1, Date.parse('2070-01-01'), 1), /in the future/],
    [{ ...speeds(1, start, 1), vehicleId: 'veh-x' }, /vehicleId is not known/],
    [{ ...speeds(1, start, 1), sequence: -1 }, /sequence/],
  ])('%s', async (batch, reason) => {
    expect(await report(typeof batch === 'string' ? new TextEncoder().encode(batch) : batch)).toEqual(new Map());
    expect(quarantined()).toMatchObject([{ reason: expect.stringMatching(reason) }]);
    expect((await last()).json.signals).toEqual({});
  });

  test('and the rest of its batch is kept', async () => {
    await report({
      ...{ sequence: 1, start },
      signals: {
        'Vehicle.Speed': [
          [0, 10],
          [1, 'fast'],
          [-1, 3],
          [2, 12],
        ],
        'Vehicle.Warp': [[0, 1]],
        'Vehicle.VehicleIdentification.VIN': [[0, 'WVWZZZE1ZMP000001']],
        'Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed': [[0, 101]],
      },
    });
    expect((await last()).json.signals['Vehicle.Speed'].value).toBe(12);
    const [entry] = quarantined();
    expect(entry).toMatchObject({ sequence: 1 });
    expect(JSON.stringify(entry)).toContain('Vehicle.Warp');
    expect(JSON.stringify(entry)).not.toContain('WVWZZZE1ZMP000001');
    expect(
      (await history(`from=${iso(start)}`)).json.readings.map((reading: { value: number }) => reading.value),
    ).toEqual([10, 12]);
  });
});

describe('history', () => {
  test('comes in the order of time, though messages overlap, page by page, each reading once', async () => {
    await report(speeds(2, start + 1500, 20, 21, 22), speeds(1, start, 10, 11, 12, 13), speeds(3, start + 9000, 30));
    await report(speeds(2, start + 1500, 20, 21, 22));
    const whole = await history(`from=${iso(start)}&to=${iso(start + 60_000)}`);
    const values = [10, 11, 20, 12, 21, 13, 22, 30];
    expect(whole.json.readings.map((reading: { value: number }) => reading.value)).toEqual(values);
    for (const limit of [1, 3, 7]) {
      const found: number[] = [];
      for (let cursor = ''; ; ) {
        const { json } = await history(`from=${iso(start)}&to=${iso(start + 60_000)}&limit=${limit}${cursor}`);
        found.push(...json.readings.map((reading: { value: number }) => reading.value));
        if (json.nextCursor === undefined) break;
        cursor = `&cursor=${json.nextCursor}`;
      }
      expect(found).toEqual(values);
    }
  });

  test('begins with the first instant and ends before the last', async () => {
    await report(speeds(1, start, 1, 2, 3, 4));
    const { json } = await history(`from=${iso(start + 1000)}&to=${iso(start + 3000)}`);
    expect(json.readings).toEqual([
      { time: iso(start + 1000), value: 2 },
      { time: iso(start + 2000), value: 3 },
    ]);
  });

  test('in buckets has figures for numbers, and buckets follow one another over pages', async () => {
    await report(speeds(1, start, 1, 2, 3, 4, 5), speeds(2, start + 120_000, 7));
    const range = `from=${iso(start)}&to=${iso(start + 600_000)}`;
    const { json } = await history(`${range}&resolution=2`);
    expect(json.buckets).toEqual([
      { start: iso(start), count: 2, last: 2, min: 1, max: 2, mean: 1.5 },
      { start: iso(start + 2000), count: 2, last: 4, min: 3, max: 4, mean: 3.5 },
      { start: iso(start + 4000), count: 1, last: 5, min: 5, max: 5, mean: 5 },
      { start: iso(start + 120_000), count: 1, last: 7, min: 7, max: 7, mean: 7 },
    ]);
    const first = await history(`${range}&resolution=2&limit=3`);
    const second = await history(`${range}&resolution=2&limit=3&cursor=${first.json.nextCursor}`);
    expect([...first.json.buckets, ...second.json.buckets]).toEqual(json.buckets);
  });

  test.each([
    ['from=yesterday', 'from'],
    ['from=2026-02-30T00:00:00Z', 'from'],
    ['from=2026-13-01T00:00:00Z', 'from'],
    ['from=2026-11-21T08:00:00Z&to=2026-11-21T08:00:00Z', 'from'],
    ['from=2026-11-21T08:00:00', 'from'],
    ['', 'from'],
    ['from=2026-11-21T08:00:00Z&resolution=0', 'resolution'],
    ['from=2026-11-21T08:00:00Z&limit=1001', 'limit'],
    ['from=2026-11-21T08:00:00Z&cursor=abc', 'cursor'],
  ])('?%s is 400', async (query, pointer) => {
    const { status, json } = await history(query);
    expect([status, json.errors[0].pointer]).toEqual([400, pointer]);
  });

  test('of the location needs its scope', async () => {
    const path = `/v1/vehicles/${vehicleId}/telemetry/history?signal=Vehicle.CurrentLocation.Latitude&from=${iso(start)}`;
    expect((await api.call('GET', path, { scopes: ['read_telemetry'] })).status).toBe(403);
  });
});
