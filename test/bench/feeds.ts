import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoListingRepository } from '#functions/adapters/dynamo/listings.ts';
import { DynamoSharingSetup } from '#functions/adapters/dynamo/sharing-setup.ts';
import { eventually } from '#local/tour/telling.ts';
import { costOfMillion, functionUnits } from '#local/trace/metering.ts';
import { aVehicleId } from '../contract/samples.ts';
import { administrator } from '../support/aws-clients.ts';
import { each, readGbfs } from '../support/gbfs-feed.ts';
import { sampleOperator, samplePlan, sampleSystem, sampleZones } from '../support/sharing-city.ts';
import { type Figure, percentile, rounded } from './figure.ts';
import { Meter } from './meter.ts';

/** BENCH_SHARED tries it in small. */
const vehicles = Number(process.env['BENCH_SHARED'] ?? 2_000);
/** As of a city in which each vehicle says something every four minutes: on its way, held, charged. */
const [seconds, changesEach] = [60, 8];
const { systemId } = sampleSystem;
/** USD of a write and a read of S3 (docs/prices.md). */
const [s3Write, s3Read] = [5 / 1e6, 0.4 / 1e6];
/** Of each run: the state and `vehicle_status`; and whether the state is still the one that it knows. */
const [writesEach, readsEach] = [2, 1];

/** How old what everybody reads of a running city is, by a reader at the edge, and what a change costs. */
export async function feedsFigures(): Promise<readonly Figure[]> {
  const state = mkdtempSync(join(tmpdir(), 'fleetloom-bench-'));
  const meter = await Meter.start(state);
  const client = new DynamoDBClient(administrator(meter.cloud));
  try {
    const tables = documentClient(client);
    const setup = new DynamoSharingSetup(tables, meter.table('Sharing'));
    const city = new RunningCity(new DynamoListingRepository(tables, meter.table('Sharing')));
    await setup.addOperator(sampleOperator);
    await setup.addSystem(sampleSystem);
    await setup.addPlan(systemId, samplePlan);
    await setup.saveZones(systemId, sampleZones);
    await city.open();
    await eventually(
      'a city that is published',
      async () => each((await readGbfs(meter.cloud.gbfs)).get('vehicle_status'), 'data', 'vehicles').length,
      (many) => many === vehicles,
      120_000,
    );
    const before = await published(meter);
    const ages = await city.run(meter.cloud.gbfs.replace('gbfs.json', 'vehicle_status.json'));
    const after = await published(meter);
    const [runs, took] = [after.times - before.times, after.took - before.took];
    const { lambdaGbSeconds = 0 } = functionUnits(took, 512);
    const cost = costOfMillion({ lambdaRequests: runs, lambdaGbSeconds }) + runs * 1e6 * files;
    return [
      { name: 'feeds-changes', value: ages.length, unit: '', least: seconds * changesEach },
      { name: 'feeds-staleness-median', value: rounded(percentile(ages, 0.5) / 1000), unit: 's', limit: 5 },
      { name: 'feeds-staleness-max', value: rounded(Math.max(...ages) / 1000), unit: 's', limit: 60 },
      { name: 'feeds-runs-for-a-change', value: rounded(runs / ages.length), unit: '', limit: 1 },
      { name: 'feeds-cost-of-a-million-changes', value: rounded(cost / ages.length), unit: 'USD' },
    ];
  } finally {
    client.destroy();
    await meter.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

const files = writesEach * s3Write + readsEach * s3Read;

async function published(meter: Meter): Promise<{ readonly times: number; readonly took: number }> {
  const { functions } = await meter.read();
  const [, its] = Object.entries(functions).find(([name]) => name.endsWith('feeds-published')) ?? [];
  return { times: its?.times ?? 0, took: its?.took ?? 0 };
}

/** Vehicles that move, each time to a place where nobody was before: whoever reads of it knows which change it was. */
class RunningCity {
  readonly #listings: DynamoListingRepository;
  readonly #ids = Array.from({ length: vehicles }, () => aVehicleId());
  #moves = 0;

  constructor(listings: DynamoListingRepository) {
    this.#listings = listings;
  }

  async open(): Promise<void> {
    const booking = { vehicleTypeId: 'e-golf', state: 'available', freeFrom: 0, uses: 0, version: 1 } as const;
    for (let made = 0; made < vehicles; made += 50) {
      const some = this.#ids.slice(made, made + 50);
      await Promise.all(
        some.map(async (vehicleId, index) => {
          await this.#listings.noteBooking(systemId, vehicleId, { ...booking, label: `B-WS ${made + index}E` });
          await this.#move(vehicleId);
        }),
      );
    }
  }

  /** @returns ms between each write and the first reading of it */
  async run(address: string): Promise<readonly number[]> {
    const ages: number[] = [];
    const unseen = new Map<number, number>();
    const reading = this.#read(address, unseen, ages);
    const begun = performance.now();
    for (let change = 0; change < seconds * changesEach; change += 1) {
      await pause(Math.max(0, (change * 1000) / changesEach - (performance.now() - begun)));
      const vehicleId = this.#ids[change % vehicles];
      if (vehicleId !== undefined) unseen.set(await this.#move(vehicleId), performance.now());
    }
    this.#isOver = true;
    await reading;
    return ages;
  }

  #isOver = false;

  /** As an app does that looks five times a second: what it gets is as old as its edge lets it be. */
  async #read(address: string, unseen: Map<number, number>, ages: number[]): Promise<void> {
    while (!this.#isOver || unseen.size > 0) {
      const document: unknown = await (await fetch(address)).json();
      for (const { lon } of each(document, 'data', 'vehicles')) {
        const written = unseen.get(Number(lon));
        if (written === undefined) continue;
        ages.push(performance.now() - written);
        unseen.delete(Number(lon));
      }
      await pause(200);
    }
  }

  async #move(vehicleId: string): Promise<number> {
    this.#moves += 1;
    const [sequence, longitude] = [this.#moves, 13.3 + this.#moves / 1e6];
    const place = { latitude: 52.5, longitude };
    const status = { boot: 1, sequence, at: Date.now(), place, charge: 81, rangeMeters: 187_000, charging: false };
    await this.#listings.noteStatus(systemId, vehicleId, status);
    return longitude;
  }
}
