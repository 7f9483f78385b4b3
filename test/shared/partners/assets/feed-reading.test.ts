import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FeedState } from '#shared/partners/assets/feed-state.ts';
import { startDynoxide, type TestEngine } from '../../../contract/engines.ts';
import { AssetTown } from '../../../support/asset-town.ts';
import { aReferenceAsset } from '../../../support/reference-gbfs.ts';

let engine: TestEngine;
let town: AssetTown;
beforeAll(async () => {
  engine = await startDynoxide();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  town = await AssetTown.open(engine.client);
});
afterEach(() => town.close());

/** What was found, as `code pointer`. */
function findings({ findings }: FeedState): readonly string[] {
  return findings.map(({ code, pointer }) => `${code} ${pointer}`).filter((text) => !text.startsWith('price-differs'));
}

const list = '/vehicle_status/data/vehicles';

/** Four minutes of it: a good one stays for five. */
const useless = [
  ['file-is-page', { body: '<!doctype html><title>Oops</title>', headers: { 'content-type': 'text/html' } }],
  ['file-not-json', { body: '{"last_updated": NaN}' }],
  ['file-wrong-version', { body: '{"last_updated":1780228800,"ttl":1,"version":"2.3","data":{}}' }],
  ['file-malformed', { body: '{"last_updated":"2026-05-31T12:00:00Z","ttl":1,"version":"3.0","data":{}}' }],
  ['file-too-large', { body: `"${' '.repeat(13 * 1024 * 1024)}"` }],
  ['file-redirects', { status: 302, headers: { location: 'http://169.254.169.254/' } }],
  ['file-refused', { status: 500 }],
] as const;

describe('what a partner publishes', () => {
  test('stands in the search of the city, with whose it is, and with an estimate of the price', async () => {
    const state = await town.read();
    expect(state).toMatchObject({ outcome: 'good', counts: { vehicles: 3, listed: 2, notShown: 1, rejected: 0 } });
    const found = await town.found();
    expect(found).toMatchObject([
      { provider: 'Nextwheel GmbH', charge: 80, plan: { planId: 'by-the-minute' }, type: { vehicleTypeId: 'scooter' } },
      { provider: 'Nextwheel GmbH' },
    ]);
    expect(new Set(found.map(({ vehicleId }) => vehicleId)).size).toBe(2);
    expect(state.findings).toMatchObject([{ code: 'price-differs' }]);
  });

  test('is asked for no sooner than it says, and then only for what is new; what did not change is not written', async () => {
    await town.read();
    const before = town.partner.fetched.length;
    await town.read();
    expect(town.partner.fetched.length).toBe(before);
    const since = town.clock.now();
    town.partner.lastUpdated = () => since;
    town.clock.advance(60_000);
    await town.read();
    town.clock.advance(60_000);
    await town.read();
    expect(town.partner.fetched.slice(-1)).toEqual([{ file: 'vehicle_status', status: 304 }]);
    const [one] = await town.found();
    const listing = await town.parts.listings.listing(town.feed.systemId, one?.vehicleId ?? '');
    expect(listing?.offering?.readAt).toBeLessThan(since + 60_000);
  });

  test('stays in the search as long as it is fresh, however long its `ttl` is, and is not asked for each minute', async () => {
    const { partner, clock } = town;
    const begun = clock.now();
    for (const [ttl, each] of [
      [240, 240_000],
      [900, 60_000],
    ] as const) {
      partner.ttl = ttl;
      partner.lastUpdated = () => begun + Math.floor((clock.now() - begun) / each) * each;
      clock.advance(200_000);
      await town.read();
      const before = partner.fetched.length;
      for (let read = 0; read < 15; read += 1) {
        clock.advance(60_000);
        expect(await town.found()).toHaveLength(2);
        await town.read();
      }
      const asked = partner.fetched.slice(before).filter(({ file }) => file === 'vehicle_status');
      expect(asked.length).toBeLessThan(6);
    }
  });

  test('shows what is good of it, and names what is not by its place in the file', async () => {
    const { assets } = town.partner;
    assets.set('swapped', aReferenceAsset('swapped', { lat: 13.4132, lon: 52.5219 }));
    assets.set('far', aReferenceAsset('far', { lat: 48.1, lon: 11.5 }));
    assets.set('twice', aReferenceAsset('scooter-1'));
    assets.set('charged', aReferenceAsset('charged', { charge: 4_200 }));
    assets.set('empty', aReferenceAsset('empty', { charge: Number.NaN }));
    town.partner.files.set('vehicle_status', (document) => ({
      body: document.replace('"vehicle_type_id":"b"', '"vehicle_type_id":"unicycle"'),
    }));
    const state = await town.read();
    expect(state).toMatchObject({ outcome: 'partly', counts: { listed: 2, rejected: 6 } });
    expect(findings(state)).toEqual([
      `asset-type-unknown ${list}/2/vehicle_type_id`,
      `coordinates-swapped ${list}/3/lat`,
      `asset-outside-system ${list}/4/lat`,
      `asset-twice ${list}/5/vehicle_id`,
      `charge-impossible ${list}/6/current_fuel_percent`,
      `charge-impossible ${list}/7/current_fuel_percent`,
      `range-impossible ${list}/7/current_range_meters`,
    ]);
    expect(await town.found()).toHaveLength(2);
  });

  test('of which one vehicle is nested without end, and of whose types are more than can be kept, is named for it', async () => {
    const nested = '['.repeat(50_000) + ']'.repeat(50_000);
    town.partner.files.set('vehicle_status', (document) => ({
      body: document.replace(/"lat":[\d.]+/, `"lat":${nested}`),
    }));
    expect(findings(await town.read())).toEqual([`asset-place-missing ${list}/0/lat`]);
    town.partner.files.set('vehicle_types', (document) => ({
      body: document.replace('"form_factor":"', `"form_factor":"${'x'.repeat(500_000)}`),
    }));
    town.clock.advance(3_600_000);
    expect(findings(await town.readLater())).toEqual(['file-too-large /vehicle_types/data']);
  });

  test('that refers to plans which are nowhere is named for it', async () => {
    town.partner.files.set('system_pricing_plans', (document) => ({ body: document.replace('bike-plan', 'other') }));
    const pointer = '/vehicle_types/data/vehicle_types/1/default_pricing_plan_id';
    expect(findings(await town.read())).toEqual([`plan-dangling ${pointer}`]);
  });

  test('that is useless is named, and wipes nothing away but by getting old', async () => {
    await town.read();
    for (const [code, fault] of useless) {
      town.partner.files.set('vehicle_status', () => fault);
      expect(await town.readLater(35_000)).toMatchObject({
        ...{ outcome: 'bad', findings: [{ code, pointer: expect.stringMatching(/^\/vehicle_status/) }] },
      });
    }
    expect(await town.found()).toHaveLength(2);
    town.clock.advance(300_000);
    expect(await town.found()).toHaveLength(0);
    town.partner.files.clear();
    expect(await town.readLater()).toMatchObject({ outcome: 'good' });
    expect(await town.found()).toHaveLength(2);
  });

  test('in which everything is swapped is no news of where the assets are', async () => {
    await town.read();
    for (const asset of town.partner.assets.values()) [asset.lat, asset.lon] = [asset.lon, asset.lat];
    expect(await town.readLater()).toMatchObject({ outcome: 'bad' });
    expect(await town.found()).toHaveLength(2);
  });

  test('that is stale shows nobody anything, whenever it was fetched', async () => {
    await town.read();
    const old = town.clock.now() - 301_000;
    town.partner.lastUpdated = () => old;
    expect((await town.readLater()).findings).toMatchObject([{ code: 'data-stale' }, { code: 'price-differs' }]);
    expect(await town.found()).toHaveLength(0);
  });

  test('forgets what it forgets, and knows what has another name as another one', async () => {
    await town.read();
    const before = await town.found();
    for (const asset of town.partner.assets.values()) asset.assetId = `${asset.assetId}-again`;
    await town.readLater();
    const after = await town.found();
    expect(after).toHaveLength(2);
    for (const { vehicleId } of before) expect(after.map((one) => one.vehicleId)).not.toContain(vehicleId);
  });

  test('and is reserved there, or switched off here, is found by nobody', async () => {
    await town.read();
    for (const asset of town.partner.assets.values()) asset.isReserved = asset.assetId === 'scooter-1';
    await town.readLater();
    expect(await town.found()).toHaveLength(1);
    await town.parts.feeds.save({ ...town.feed, enabled: false, version: 2 }, town.feed);
    await town.readLater();
    expect(await town.found()).toHaveLength(0);
    const shards = await Promise.all(
      Array.from({ length: 16 }, (_, shard) => town.parts.listings.shard(town.feed.systemId, shard)),
    );
    expect(shards.flat()).toEqual([]);
  });

  test('is not looked for at an address of ours', async () => {
    town.partner.files.set('gbfs', (document) => ({
      body: document.replace(/http:[^"]+vehicle_status/, 'http://10.0.0.7/vehicle_status'),
    }));
    expect((await town.read()).findings).toMatchObject([{ code: 'file-address-refused' }]);
  });
});
