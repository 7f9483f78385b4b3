import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, eventually } from '#local/tour/telling.ts';
import { published } from '../support/device.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { type RawVehicle, rawVehicle } from '../support/raw-vehicle.ts';
import { signingKeyIn, tokenLike } from '../support/tokens.ts';

const speed = 'Vehicle.Speed';
const moving = 'Vehicle.IsMoving';
const latitude = 'Vehicle.CurrentLocation.Latitude';
const charge = 'Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed';
const distance = 'Vehicle.TraveledDistance';
const minute = 60_000;
/** A full minute, an hour ago. */
const start = Math.floor(Date.now() / minute) * minute - 60 * minute;

type Column = readonly (readonly [offset: number, value: unknown])[];

let home: JourneyCloud;
let serial = 100;

beforeAll(async () => {
  home = await openCloud();
}, startTimeout);
afterAll(() => home.close());

function newVehicle(): Promise<RawVehicle> {
  return rawVehicle(home, `WVWZZZAUZLW000${serial++}`);
}

/** Sends a message and waits for its PUBACK. */
async function report(
  { client, identity }: RawVehicle,
  sequence: number,
  from: number,
  signals: Readonly<Record<string, Column>>,
): Promise<void> {
  const payload = JSON.stringify({ sequence, start: from, signals });
  expect(await published(client, identity.topics.telemetryTopic, payload)).toBe(0);
}

/** The last known values become these; they are written after the history. */
async function lastKnown({ vehicleId }: RawVehicle, values: Readonly<Record<string, unknown>>): Promise<void> {
  const ask = async () => {
    const { body } = await home.journey.operator.get(`/v1/vehicles/${vehicleId}/telemetry`);
    return at(body, 'signals');
  };
  const isSo = (signals: unknown) =>
    Object.entries(values).every(([path, value]) => at(signals, path, 'value') === value);
  const signals = await eventually('the last known values', ask, isSo);
  expect(Object.keys(Object(signals)).sort()).toEqual(Object.keys(values).sort());
}

function historyPath({ vehicleId }: RawVehicle, query: Readonly<Record<string, string | number>>): string {
  const parameters = { signal: speed, from: new Date(start).toISOString(), ...query };
  const text = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `/v1/vehicles/${vehicleId}/telemetry/history?${text.join('&')}`;
}

async function history(vehicle: RawVehicle, query: Readonly<Record<string, string | number>> = {}): Promise<unknown> {
  const { status, body } = await home.journey.operator.get(historyPath(vehicle, query));
  expect(status).toBe(200);
  return body;
}

function valuesIn(body: unknown): readonly unknown[] {
  const readings = at(body, 'readings');
  return Array.isArray(readings) ? readings.map((reading: unknown) => at(reading, 'value')) : [];
}

/** The history shows these values, in this order. */
function shows(vehicle: RawVehicle, values: readonly unknown[], query: Readonly<Record<string, string>> = {}) {
  return eventually(
    `the history ${values}`,
    async () => valuesIn(await history(vehicle, query)),
    (found) => JSON.stringify(found) === JSON.stringify(values),
  );
}

describe('what a vehicle measured', () => {
  const first = {
    [speed]: [
      [0, 10],
      [1_000, 11],
    ],
  } satisfies Record<string, Column>;
  const second = {
    [speed]: [
      [0, 20],
      [1_000, 21],
    ],
    [moving]: [[0, true]],
  } satisfies Record<string, Column>;
  const third = {
    [speed]: [
      [0, 30],
      [1_000, 31],
    ],
  } satisfies Record<string, Column>;
  const all = [10, 11, 20, 21, 30, 31];

  test.each([
    ['in order', [1, 2, 3]],
    ['backwards', [3, 2, 1]],
    ['with repetitions, the old after the new', [2, 3, 2, 1, 1, 3, 2]],
  ])('is the same, whichever way its messages come: %s', async (_, order) => {
    const vehicle = await newVehicle();
    const messages = [first, second, third];
    for (const sequence of order) {
      await report(vehicle, sequence, start + sequence * 10_000, messages[sequence - 1] ?? {});
    }
    await shows(vehicle, all);
    await lastKnown(vehicle, { [speed]: 31, [moving]: true });
    // And so it stays when the vehicle sends everything once more, because an answer was lost.
    for (const sequence of order) {
      await report(vehicle, sequence, start + sequence * 10_000, messages[sequence - 1] ?? {});
    }
    await report(vehicle, 4, start + 40_000, { [speed]: [[0, 40]] });
    await shows(vehicle, [...all, 40]);
    await lastKnown(vehicle, { [speed]: 40, [moving]: true });
    const { body } = await home.journey.operator.get(`/v1/vehicles/${vehicle.vehicleId}/telemetry?signals=${speed}`);
    const time = new Date(start + 40_000).toISOString();
    expect(body).toEqual({ signals: { [speed]: { value: 40, unit: 'km/h', time } } });
  });

  test('at one instant in two messages counts as the later message has it', async () => {
    const vehicle = await newVehicle();
    await report(vehicle, 8, start, { [speed]: [[0, 80]] });
    await report(vehicle, 7, start, { [speed]: [[0, 70]] });
    await shows(vehicle, [70, 80]);
    await lastKnown(vehicle, { [speed]: 80 });
  });

  test('in messages that overlap is shown in the order of time', async () => {
    const vehicle = await newVehicle();
    await report(vehicle, 1, start, {
      [speed]: [
        [0, 1],
        [20_000, 3],
        [40_000, 5],
      ],
    });
    await report(vehicle, 2, start + 10_000, {
      [speed]: [
        [0, 2],
        [20_000, 4],
      ],
    });
    await shows(vehicle, [1, 2, 3, 4, 5]);
  });
});

describe('a history', () => {
  let vehicle: RawVehicle;
  beforeAll(async () => {
    vehicle = await newVehicle();
    const speeds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((index) => [index * 20_000, index * 10] as const);
    await report(vehicle, 1, start, {
      [speed]: speeds,
      [moving]: [
        [0, false],
        [20_000, true],
      ],
    });
    await report(vehicle, 2, start + 10 * minute, {
      [speed]: [
        [0, 5],
        [1, 7.5],
      ],
    });
    await shows(vehicle, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 5, 7.5]);
  });

  test('begins at `from`, with it, and ends before `to`', async () => {
    const from = new Date(start + 20_000).toISOString();
    const to = new Date(start + 60_000).toISOString();
    expect(valuesIn(await history(vehicle, { from, to }))).toEqual([10, 20]);
    expect(
      valuesIn(await history(vehicle, { from: to, to: from.replace('Z', '+00:00').replace(/^\d+/, '2199') })),
    ).toHaveLength(9);
  });

  test('comes in pages that together are the whole', async () => {
    const found: unknown[] = [];
    let query: Record<string, string | number> = { limit: 5 };
    for (let pages = 1; ; pages += 1) {
      const page = await history(vehicle, query);
      expect(valuesIn(page).length).toBeLessThanOrEqual(5);
      found.push(...valuesIn(page));
      const cursor = at(page, 'nextCursor');
      if (cursor === undefined) break;
      query = { limit: 5, cursor: String(cursor) };
      expect(pages).toBeLessThan(6);
    }
    expect(found).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 5, 7.5]);
  });

  test('is thinned out to buckets, empty ones left out', async () => {
    const body = await history(vehicle, { resolution: 60 });
    const time = (minutes: number) => new Date(start + minutes * minute).toISOString();
    expect(body).toMatchObject({ signal: speed, unit: 'km/h' });
    expect(at(body, 'buckets')).toEqual([
      { start: time(0), count: 3, last: 20, min: 0, max: 20, mean: 10 },
      { start: time(1), count: 3, last: 50, min: 30, max: 50, mean: 40 },
      { start: time(2), count: 3, last: 80, min: 60, max: 80, mean: 70 },
      { start: time(3), count: 1, last: 90, min: 90, max: 90, mean: 90 },
      { start: time(10), count: 2, last: 7.5, min: 5, max: 7.5, mean: 6.25 },
    ]);
    const paged = await history(vehicle, { resolution: 60, limit: 2 });
    const rest = await history(vehicle, { resolution: 60, limit: 3, cursor: String(at(paged, 'nextCursor')) }).catch(
      () => undefined,
    );
    expect(at(paged, 'buckets')).toHaveLength(2);
    expect(at(rest, 'buckets', 0, 'start')).toBe(time(2));
  });

  test('of something that is no number has counts and last values', async () => {
    const body = await history(vehicle, { signal: moving, resolution: 3_600 });
    expect(at(body, 'buckets')).toEqual([{ start: expect.any(String), count: 2, last: true }]);
  });

  test('of a signal that was never reported is empty', async () => {
    expect(await history(vehicle, { signal: 'Vehicle.Exterior.AirTemperature' })).toMatchObject({ readings: [] });
  });
});

describe('where a car is, how full and how old', () => {
  let vehicle: RawVehicle;
  beforeAll(async () => {
    vehicle = await newVehicle();
    const once = (value: number): Column => [[0, value]];
    const signals = { [speed]: once(50), [latitude]: once(52.4), [charge]: once(81.5), [distance]: once(12_345) };
    await report(vehicle, 1, start, signals);
    await lastKnown(vehicle, { [speed]: 50, [latitude]: 52.4, [charge]: 81.5, [distance]: 12_345 });
  });

  /** A token of the reader with these scopes beside `read_telemetry`. */
  async function headersFor(...scopes: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const scope = ['read_telemetry', ...scopes].map((name) => `fleetloom/${name}`).join(' ');
    const token = await tokenLike(await home.journey.reader.token(), signingKeyIn(home.stateDirectory), { scope });
    return { authorization: `Bearer ${token}` };
  }

  test.each([
    ['nothing more', [], [speed]],
    ['location', ['read_location'], [speed, latitude]],
    ['battery', ['read_battery'], [speed, charge]],
    ['odometer', ['read_odometer'], [speed, distance]],
  ])('is left out of the last known values but for who may know: %s', async (_, scopes, visible) => {
    const { body } = await home.journey.reader.get(`/v1/vehicles/${vehicle.vehicleId}/telemetry`, {
      headers: await headersFor(...scopes),
    });
    expect(Object.keys(Object(at(body, 'signals'))).sort()).toEqual([...visible].sort());
  });

  test.each([
    [latitude, 'read_location'],
    [charge, 'read_battery'],
    [distance, 'read_odometer'],
  ])('is refused by name without the scope: %s', async (signal, scope) => {
    const named = `/v1/vehicles/${vehicle.vehicleId}/telemetry?signals=${speed},${signal}`;
    for (const path of [named, historyPath(vehicle, { signal })]) {
      const others = ['read_location', 'read_battery', 'read_odometer'].filter((name) => name !== scope);
      const refused = await home.journey.reader.get(path, { headers: await headersFor(...others) });
      expect(refused.status).toBe(403);
      expect(JSON.stringify(refused.body)).toContain(scope);
      const allowed = await home.journey.reader.get(path, { headers: await headersFor(scope) });
      expect(allowed.status).toBe(200);
    }
  });
});
