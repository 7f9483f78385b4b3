import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoListingRepository } from '#functions/adapters/dynamo/listings.ts';
import { DynamoSharingSetup } from '#functions/adapters/dynamo/sharing-setup.ts';
import { Administrator } from '#local/tour/administrator.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { signIn } from '#local/tour/sign-in.ts';
import { at } from '#local/tour/telling.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { aVehicleId } from '../contract/samples.ts';
import { administrator } from '../support/aws-clients.ts';
import { samplePlan, sampleSystem, systemId } from '../support/sharing-city.ts';
import { type Figure, percentile, rounded } from './figure.ts';
import { Meter } from './meter.ts';

/** BENCH_SHARED tries it in small. */
const vehicles = Number(process.env['BENCH_SHARED'] ?? 2_000);
const [warmUp, rounds] = [100, 600];
/** Beside the one that is searched, when it is searched again. */
const otherCities = 20;
const vehiclesElsewhere = 100;
/** Each keeps to the quota of a person. */
const persons = 40;

/** A kilometre around places in a city of 2,000 vehicles: what the function itself took, as its log says. */
export async function sharingSearchFigures(): Promise<readonly Figure[]> {
  const state = mkdtempSync(join(tmpdir(), 'fleetloom-bench-'));
  const meter = await Meter.start(state);
  const client = new DynamoDBClient(administrator(meter.cloud));
  try {
    const tables = documentClient(client);
    const name = meter.table('Sharing');
    const cities = new Cities(new DynamoSharingSetup(tables, name), new DynamoListingRepository(tables, name));
    await cities.open(sampleSystem.systemId, vehicles);
    const askers = await Promise.all(Array.from({ length: persons }, (_, index) => asker(meter, index)));
    const alone = await searched(meter, state, askers);
    for (let other = 0; other < otherCities; other += 1) {
      const id = systemId(`other-city-${other}`);
      await cities.open(id, vehiclesElsewhere);
      await search(askers[other % persons], id);
    }
    const among = await searched(meter, state, askers);
    return [
      { name: 'sharing-search-median', value: percentile(alone.took, 0.5), unit: 'ms', limit: 5 },
      { name: 'sharing-search-p99', value: percentile(alone.took, 0.99), unit: 'ms', limit: 20 },
      { name: 'sharing-search-found', value: rounded(alone.found / rounds), unit: 'vehicles' },
      { name: 'sharing-search-queries', value: rounded(alone.queries), unit: 'a search', limit: 1 },
      { name: 'sharing-search-median-of-21-cities', value: percentile(among.took, 0.5), unit: 'ms', limit: 5 },
      { name: 'sharing-search-queries-of-21-cities', value: rounded(among.queries), unit: 'a search', limit: 1 },
    ];
  } finally {
    client.destroy();
    await meter.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

class Cities {
  readonly #setup: DynamoSharingSetup;
  readonly #listings: DynamoListingRepository;

  constructor(setup: DynamoSharingSetup, listings: DynamoListingRepository) {
    this.#setup = setup;
    this.#listings = listings;
  }

  async open(id: SystemId, size: number): Promise<void> {
    await this.#setup.addSystem({ ...sampleSystem, systemId: id });
    await this.#setup.addPlan(id, samplePlan);
    for (let made = 0; made < size; made += 50) {
      await Promise.all(Array.from({ length: Math.min(50, size - made) }, (_, index) => this.#park(id, made + index)));
    }
  }

  async #park(id: SystemId, number: number): Promise<void> {
    const vehicleId = aVehicleId();
    const booking = { vehicleTypeId: 'e-golf', label: `B-WS ${number}E`, state: 'available', freeFrom: 0, version: 9 };
    await this.#listings.noteBooking(id, vehicleId, { ...booking, state: 'available' });
    const place = somewhere();
    const status = { boot: 3, sequence: number, at: Date.now(), place, charge: 81, rangeMeters: 187_000 };
    await this.#listings.noteStatus(id, vehicleId, { ...status, charging: false });
  }
}

/** Within some 14 by 11 kilometres. */
function somewhere() {
  return { latitude: 52.46 + Math.random() * 0.1, longitude: 13.3 + Math.random() * 0.2 };
}

async function asker({ cloud }: Meter, index: number): Promise<ApiClient> {
  const person = await new Administrator(cloud).makePerson(`searcher-${index}`);
  const { accessToken } = await signIn(cloud, person);
  return new ApiClient(cloud, async () => accessToken);
}

async function search(person: ApiClient | undefined, id: SystemId): Promise<number> {
  const { latitude, longitude } = somewhere();
  const place = `latitude=${latitude.toFixed(5)}&longitude=${longitude.toFixed(5)}`;
  const answer = await person?.get(`/v1/me/sharing/systems/${id}/vehicles?${place}&radius=1000`);
  if (answer?.status !== 200) throw new Error(`A search answered ${JSON.stringify(answer)}`);
  const items = at(answer.body, 'items');
  return Array.isArray(items) ? items.length : 0;
}

async function searched(meter: Meter, state: string, askers: readonly ApiClient[]) {
  for (let round = 0; round < warmUp; round += 1) await search(askers[round % persons], sampleSystem.systemId);
  const [before, logged] = [await queriesOf(meter), durations(state).length];
  let found = 0;
  for (let round = 0; round < rounds; round += 1) found += await search(askers[round % persons], sampleSystem.systemId);
  const queries = ((await queriesOf(meter)) - before) / rounds;
  return { took: durations(state).slice(logged), found, queries };
}

async function queriesOf(meter: Meter): Promise<number> {
  const { calls } = await meter.read();
  const of = Object.entries(calls).filter(([label]) => label.includes('Sharing') && label.endsWith('Query'));
  return of.reduce((sum, [, { times }]) => sum + times, 0);
}

/** ms of each search so far, by the lines that the function logged. */
function durations(state: string): readonly number[] {
  return readFileSync(join(state, 'logs', 'cloud.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"route":"GET /v1/me/sharing/systems/{systemId}/vehicles"'))
    .map((line) => Number(/"durationMs":(\d+)/.exec(line)?.[1]));
}
