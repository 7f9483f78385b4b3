import { expect, test } from 'vitest';
import type { ApiClient } from '#local/tour/api-client.ts';
import { at, eventually, problem } from '#local/tour/telling.ts';
import type { OutwardTown } from '../../support/outward-town.ts';
import { sampleSystem } from '../../support/sharing-city.ts';
import { middle } from '../../support/sharing-scene.ts';
import { minute } from '../../support/story-time.ts';

const city = `/v1/sharing/systems/${sampleSystem.systemId}`;
/** In the city, some two kilometres from everything that stands there. */
const far = { latitude: 52.503, longitude: 13.39 };

/** The operator's day: tasks of crews, vehicles for whoever looks in vain, and what comes of it all. */
export function field(town: () => OutwardTown): void {
  test('a scooter goes low, one crew goes there and no other, and it is back in service', async () => {
    const { operator, scene, time } = town();
    const crew = town().client('field-crew');
    const scooter = await scene.unregistered('scooter');
    const says = (charge: number) => {
      time.passes(minute);
      const status = { at: town().now(), place: middle, charge };
      return operator.post(`/v1/sharing/vehicles/${scooter}/reports`, { status });
    };
    await says(6);
    const isIts = (task: unknown) => at(task, 'vehicleId') === scooter;
    const task = await eventually(
      'a task for the scooter',
      async () => {
        time.nudge();
        return (await listed(crew, `${city}/tasks?kind=charge&near=52.52,13.4`)).find(isIts);
      },
      (found) => at(found, 'charge') === 6,
      30_000,
    );
    expect(task).toMatchObject({
      why: 'low-charge',
      status: 'open',
      label: expect.stringMatching(/^No\. /),
      place: middle,
    });
    const path = `${city}/tasks/${at(task, 'taskId')}`;
    const [north, south] = await Promise.all(
      ['North', 'South'].map((name) => crew.post(`${path}/take`, { crew: name })),
    );
    expect([north?.status, south?.status].sort()).toEqual([200, 409]);
    const [who, other] = north?.status === 200 ? ['North', 'South'] : ['South', 'North'];
    expect(problem(await crew.post(`${path}/done`, { crew: other }))).toBe('task-taken');
    expect((await listed(crew, `${city}/tasks`)).filter(isIts)).toEqual([]);
    const done = await crew.post(`${path}/done`, { crew: who, charge: 96 });
    expect(done).toMatchObject({ status: 200, body: { status: 'done', takenBy: who } });
    await scene.inState(scooter, 'available', () => time.nudge());
    expect(problem(await crew.post(`${path}/take`, { crew: 'South' }))).toBe('task-over');
    expect(problem(await town().client('accountant').get(`${city}/tasks`))).toBe('scope-missing');
  });

  test('where people look in vain, a vehicle is to be brought from where nobody misses it: a task for a crew', async () => {
    const { ada, bob, time } = town();
    const crew = town().client('field-crew');
    const query = `latitude=${far.latitude}&longitude=${far.longitude}&radius=600`;
    for (const { person } of [ada, bob]) {
      const found = await person.get(`/v1/me/sharing/systems/${sampleSystem.systemId}/vehicles?${query}`);
      expect(found).toMatchObject({ status: 200, body: { items: [] } });
    }
    const [first] = await eventually(
      'a vehicle to bring',
      () => {
        time.nudge();
        return listed(crew, `${city}/relocations?idleMinutes=0`);
      },
      ({ length }) => length > 0,
    );
    expect(first).toMatchObject({ expected: 2, distance: expect.any(Number) });
    const order = { vehicleId: at(first, 'vehicleId'), cell: at(first, 'to', 'cell') };
    const asked = await crew.post(`${city}/relocations`, order);
    expect(asked).toMatchObject({ status: 200, body: { kind: 'move', status: 'open', to: at(first, 'to', 'place') } });
    expect(at((await crew.post(`${city}/relocations`, order)).body, 'taskId')).toBe(at(asked.body, 'taskId'));
    const again = await listed(crew, `${city}/relocations?idleMinutes=0`);
    expect(again.map((one) => at(one, 'vehicleId'))).not.toContain(order.vehicleId);
    const nowhere = { ...order, cell: 'r1c1' };
    expect(problem(await crew.post(`${city}/relocations`, nowhere))).toBe('relocation-not-possible');
  });

  test('figures of a city are the sums of its trips, to the cent and to the second', async () => {
    const { time } = town();
    const accountant = town().client('accountant');
    const since = new Date(time.now() - 86_400_000).toISOString();
    // Others of this story have ridden before.
    const { rows, trips } = await eventually(
      'figures of all trips',
      async () => {
        time.nudge();
        const until = new Date(time.now() + minute).toISOString();
        const path = `${city}/figures?from=${since}&to=${until}&limit=1000`;
        const [found, settled] = await Promise.all([listed(accountant, path), settledTrips()]);
        return { rows: found, trips: settled };
      },
      (seen) =>
        seen.trips.length > 0 &&
        totalOf(seen.rows, 'trips') === seen.trips.length &&
        totalOf(seen.rows, 'gross') === totalOf(seen.trips, 'total'),
    );
    expect(totalOf(rows, 'kilometres')).toBeCloseTo(totalOf(trips, 'meters') / 1000, 6);
    const lasted = trips.map(
      (trip) => Date.parse(String(at(trip, 'endedAt'))) - Date.parse(String(at(trip, 'startedAt'))),
    );
    expect(totalOf(rows, 'tripMinutes')).toBeCloseTo(lasted.reduce((total, ms) => total + ms, 0) / minute, 1);
    expect(totalOf(rows, 'unmetSearches')).toBeGreaterThanOrEqual(2);
    expect(totalOf(rows, 'availableMinutes')).toBeGreaterThan(0);
    const csv = await accountant.get(`${city}/figures?by=day`, { headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(String(csv.body).split('\r\n')[0]).toMatch(/^from,to,localFrom,zoneId,availableMinutes,/);
    const reversed = await accountant.get(`${city}/figures?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`);
    expect(problem(reversed)).toBe('period-not-usable');
    expect(problem(await town().client('field-crew').get(`${city}/figures`))).toBe('scope-missing');
  });

  async function settledTrips(): Promise<readonly unknown[]> {
    const { operator } = town();
    const fleet = await listed(operator, `${city}/vehicles?limit=100`);
    const trips = await Promise.all(
      fleet.map((one) => listed(operator, `/v1/sharing/vehicles/${at(one, 'vehicleId')}/trips?limit=100`)),
    );
    return trips.flat().filter((trip) => at(trip, 'status') === 'settled');
  }
}

async function listed(client: ApiClient, path: string): Promise<readonly unknown[]> {
  const { body } = await client.get(path);
  const items = at(body, 'items');
  if (!Array.isArray(items)) throw new TypeError(`${path} answers ${JSON.stringify(body)}`);
  return items;
}

function totalOf(rows: readonly unknown[], name: string): number {
  return rows.reduce<number>((total, row) => total + Number(at(row, name) ?? 0), 0);
}
