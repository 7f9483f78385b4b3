import { expect, test } from 'vitest';
import { z } from 'zod';
import { at, eventually, problem } from '#local/tour/telling.ts';
import { isTransition, type MdsState } from '#shared/sharing/mds.ts';
import { hourText } from '#shared/sharing/mobility-data/hour.ts';
import { mdsPayloads } from '../../support/mds-schemas.ts';
import type { OutwardTown } from '../../support/outward-town.ts';
import { sampleSystem } from '../../support/sharing-city.ts';
import { minute } from '../../support/story-time.ts';

const { systemId } = sampleSystem;
const system = `/v1/sharing/systems/${systemId}`;
const mds = `/v1/mds/${systemId}`;
const accept = 'application/vnd.mds+json;version=2.0';
const hour = 60 * minute;

/** A city reads what it may know of shared vehicles in it. */
export function mobilityData(town: () => OutwardTown): void {
  const asked = (path: string, headers: Readonly<Record<string, string>> = { accept }) =>
    town().client('city').get(`${mds}${path}`, { headers });

  test('a city that its operator has not named sees nothing of it, and one that it has named reads', async () => {
    const { operator } = town();
    const before = await asked('/vehicles');
    expect([before.status, problem(before)]).toEqual([404, 'system-not-found']);
    const named = await operator.send('PATCH', system, { body: { agencyClientIds: [town().clientId('city')] } });
    expect(named.status).toBe(200);
    const answer = await asked('/vehicles');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, accept]);
    const { vehicles } = mdsPayloads.vehicles.parse(answer.body);
    expect(vehicles.map(({ vehicle_type }) => vehicle_type)).toEqual(expect.arrayContaining(['car', 'bicycle']));
    const other = await town().client('mobility-app').get(`${mds}/vehicles`);
    expect(other.status).toBe(403);
  });

  test('of a ride it reads state, events and trip, and nobody’s name, plate or number', async () => {
    const { time, ada } = town();
    const begun = time.now();
    await town().rides(ada, town().bike(1));
    const range = `start_time=${begun - hour}&end_time=${begun + 2 * hour}`;
    const all = await eventually(
      'the end of the trip in the events',
      async () => {
        const { body } = await asked(`/events/recent?${range}&limit=500`);
        return mdsPayloads.recent.parse(body).events;
      },
      (events) => events.some(({ event_types }) => event_types[0] === 'trip_end'),
    );
    const ended = all.findLast(({ event_types }) => event_types[0] === 'trip_end');
    const device = ended?.device_id ?? '';
    const mine = all.filter(({ device_id }) => device_id === device);
    let state: MdsState = 'non_operational';
    for (const { event_types, vehicle_state } of mine) {
      for (const event of event_types) expect(isTransition(state, event, vehicle_state)).toBe(true);
      state = vehicle_state;
    }
    const status = await asked(`/vehicles/status/${device}`);
    const [seen] = mdsPayloads.statuses.parse(status.body).vehicles_status;
    expect(seen?.last_event).toEqual(mine.at(-1));
    // Page by page the same.
    const paged: unknown[] = [];
    let next: string | null = `${mds}/events/recent?${range}&limit=2`;
    while (next !== null) {
      const page = mdsPayloads.recent.parse((await town().client('city').get(next, { headers: { accept } })).body);
      paged.push(...page.events);
      next = page.links.next === null ? null : new URL(page.links.next).pathname + new URL(page.links.next).search;
    }
    expect(paged).toEqual(all);
    time.passes(hour + 6 * minute);
    const trips = await asked(`/trips?end_time=${hourText(ended?.timestamp ?? 0)}`);
    const trip = mdsPayloads.trips.parse(trips.body).trips.find(({ trip_id }) => ended?.trip_ids?.includes(trip_id));
    expect(trip).toMatchObject({ device_id: device, distance: 1_000, end_time: ended?.timestamp });
    expect(Math.abs((trip?.duration ?? 0) - 300)).toBeLessThan(5);
    const past = await asked(`/events/historical?event_time=${hourText(begun)}`);
    expect(mdsPayloads.historical.parse(past.body).events.length).toBeGreaterThan(0);
    const told = JSON.stringify([all, status.body, trips.body, past.body, (await asked('/vehicles')).body]);
    const { items } = z
      .object({ items: z.array(z.looseObject({ label: z.string(), vehicleId: z.string() })) })
      .parse((await town().operator.get(`${system}/vehicles`)).body);
    for (const { label, vehicleId } of items) for (const one of [label, vehicleId]) expect(told).not.toContain(one);
    const personId = String(at((await ada.person.get('/v1/me')).body, 'personId'));
    for (const one of ['rsv-', personId]) expect(told).not.toContain(one);
  });

  test('an hour that is not over, was never, or none at all; a range too old; another version: each by its name', async () => {
    const now = town().time.now();
    const told = async (path: string) => {
      const answer = await asked(path);
      return [answer.status, problem(answer)];
    };
    expect(await told(`/events/historical?event_time=${hourText(now + hour)}`)).toEqual([404, 'hour-ahead']);
    expect(await told('/trips?end_time=2019-10-01T07')).toEqual([404, 'hour-before-service']);
    expect(await told('/trips?end_time=2026-02-30T07')).toEqual([400, 'invalid-parameter']);
    expect(await told('/trips')).toEqual([400, 'invalid-parameter']);
    expect(await told(`/events/recent?start_time=0&end_time=${now}`)).toEqual([400, 'range-not-recent']);
    expect(await told(`/vehicles/${'0f2cf0a5-6b3c-5f1e-9a53-0d6f4d1c2b7a'}`)).toEqual([404, 'device-not-found']);
    const former = await asked('/vehicles', { accept: 'application/vnd.mds+json;version=1.2' });
    expect([former.status, at(former.body, 'resolution')]).toEqual([406, `Send Accept: ${accept}.`]);
  });
}
