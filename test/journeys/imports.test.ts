import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '#local/tour/api-client.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { type ImportView, someVins, Transfers } from '../support/transfers.ts';

let scene: JourneyCloud;
let transfers: Transfers;

beforeAll(async () => {
  scene = await openCloud();
  transfers = new Transfers(new ApiClient(scene.cloud.file, 'operator'));
}, startTimeout);
afterAll(() => scene.close());

describe('a file of vehicles', () => {
  test('is taken in, and every line that is none is named in the report', async () => {
    const [one = '', two = '', three = ''] = someVins(3, 'WVWZZZE1A');
    const file = [
      '\ufeffmarket;vin;model;brand',
      `DE;${one};ID.3;volkswagen`,
      `FR;${two};"ID.3, ""Pro""";volkswagen\r`,
      '',
      `DE;${one};ID.3;volkswagen`,
      `DE;${one};ID.4;volkswagen\rDE;nonsense;ID.3;volkswagen`,
      `XX;${three};ID.3;volkswagen`,
      `DE;${three};ID.3;unheard-of`,
      `DE;${three}`,
      `DE;${three};"ID.3;volkswagen`,
      `DE;${three};${'x'.repeat(2_000_000)};volkswagen`,
      `DE;${three};ID.3;volkswagen`,
    ].join('\n');
    const { view, report } = await transfers.import('csv', file);
    expect(view).toMatchObject({ status: 'done', registered: 3, unchanged: 1, failed: 7 });
    expect(report?.map(({ line, code }) => [line, code])).toEqual([
      [6, 'vin-twice'],
      [7, 'invalid-line'],
      [8, 'invalid-line'],
      [9, 'unknown-brand'],
      [10, 'malformed-line'],
      [11, 'malformed-line'],
      [12, 'line-too-long'],
    ]);
  });

  test('says where they are at home, where that is not where their brand is', async () => {
    const [named = '', usual = '', lost = ''] = someVins(3, 'WVWZZZE1B');
    const file = [
      'vin,brand,model,market,home',
      `${named},audi,A4,DE,first`,
      `${usual},audi,A4,DE,`,
      `${lost},audi,A4,DE,moon`,
    ];
    const { view, report } = await transfers.import('csv', file.join('\n'));
    expect(view).toMatchObject({ status: 'done', registered: 2, failed: 1 });
    expect(report).toMatchObject([{ line: 4, code: 'home-unknown', detail: expect.stringContaining('first, vw-weu') }]);
    const { operator } = scene.journey;
    const homeOf = async (vin: string) =>
      at((await operator.get(`/v1/vehicles?vin=${vin}`)).body, 'items', 0, 'home', 'name');
    expect(await Promise.all([named, usual].map(homeOf))).toEqual([undefined, 'vw-weu']);
  });
});

test('a file with another header is not taken in, and the report says what it lacks', async () => {
  const { view, report } = await transfers.import('csv', `vin;brand;colour\n${someVins(1)[0]};audi;red`);
  expect(view).toMatchObject({ status: 'failed', registered: 0, problem: { code: 'wrong-header' } });
  expect(JSON.stringify(report)).toContain('market');
});

test('a file of 1,200 vehicles is seen to grow while it is taken in', async () => {
  const lines = someVins(1_200, 'WVWZZZE1G').map((vin) => `${vin},audi,A4,AT`);
  const { importId, uploadUrl } = await transfers.start('csv');
  await transfers.upload(uploadUrl, ['vin,brand,model,market', ...lines].join('\n'));
  const seen = new Map<number, number>();
  const noted = ({ progress, registered }: ImportView) => {
    if (progress !== undefined) seen.set(progress.percent, registered);
    return false;
  };
  expect(await transfers.ended(importId, noted)).toMatchObject({ status: 'done', registered: 1_200, failed: 0 });
  const [percents, counts] = [[...seen.keys()], [...seen.values()]];
  expect(percents.length).toBeGreaterThanOrEqual(5);
  expect(percents).toEqual(percents.toSorted((one, other) => one - other));
  expect(counts).toEqual(counts.toSorted((one, other) => one - other));
}, 120_000);

test('a file that is replaced while it is read ends the import, which says up to which line it was taken in', async () => {
  const vins = someVins(1_000, 'WVWZZZE1H');
  const file = ['vin,brand,model,market', ...vins.map((vin) => `${vin},audi,A4,AT`), 'x'.repeat(1_000_000)].join('\n');
  const { importId, uploadUrl } = await transfers.start('csv');
  await transfers.upload(uploadUrl, file);
  await transfers.ended(importId, ({ registered }) => registered > 0);
  await transfers.upload(uploadUrl, 'vin,brand,model,market');
  const { status, problem, registered } = await transfers.ended(importId);
  expect([status, problem?.code]).toEqual(['failed', 'file-changed']);
  expect(registered).toBeLessThanOrEqual(1_000);
  const there = await scene.journey.operator.get(`/v1/vehicles?vin=${vins[registered - 1]}`);
  expect(at(there.body, 'items', 0, 'model')).toBe('A4');
  expect(problem?.line).toBeGreaterThan(registered);
}, 60_000);

describe('a fleet', () => {
  test.each(['csv', 'ndjson'] as const)(
    'that was taken out as %s comes in again unchanged',
    async (format) => {
      const model = `Round "trip", ${format}`;
      const vins = someVins(300, format === 'csv' ? 'WVWZZZE1C' : 'WVWZZZE1D');
      // Every other one is not where its brand is.
      const lines = vins.map((vin, place) =>
        JSON.stringify({ vin, brand: 'audi', model, market: 'AT', ...(place % 2 === 0 && { home: 'first' }) }),
      );
      const { view } = await transfers.import('ndjson', lines.join('\n'));
      expect(view).toMatchObject({ status: 'done', registered: 300, unchanged: 0, failed: 0 });
      const text = await transfers.export({ format, model, withVin: true });
      expect([text.match(/\bfirst\b/g)?.length, text.match(/\bvw-weu\b/g)?.length]).toEqual([150, 150]);
      const again = await transfers.import(format, text);
      expect(again).toMatchObject({ view: { registered: 0, unchanged: 300, failed: 0 }, report: [] });
      const ends = await eventually(
        'three ends in the audit',
        async () => {
          const { body } = await scene.journey.operator.get('/v1/audit?limit=20');
          const items = at(body, 'items');
          return Array.isArray(items) ? items.filter((record) => at(record, 'actor', 'kind') === 'platform') : [];
        },
        (records) => records.length >= 3 && at(records[0], 'requestId') === again.importId,
      );
      expect(ends.slice(0, 3)).toMatchObject([
        { action: 'import.done', outcome: 'done', counts: { registered: 0, unchanged: 300, failed: 0 } },
        { action: 'export.done', outcome: 'done', counts: { vehicles: 300 } },
        { action: 'import.done', outcome: 'done', counts: { registered: 300, unchanged: 0, failed: 0 } },
      ]);
    },
    120_000,
  );
});

describe('under tables that throttle, functions that fail and events that come twice', () => {
  test('each vehicle is registered and counted once', async () => {
    const { faults } = scene.cloud;
    const error = 'ProvisionedThroughputExceededException';
    faults.plan({ kind: 'fail', hop: 'table', label: '*Registry*', error, probability: 0.02, times: 40, seed: 5 });
    faults.plan({ kind: 'duplicate', hop: 'function', label: '*import-arrived' });
    faults.plan({ kind: 'duplicate', hop: 'queue', label: '*imports*' });
    try {
      const lines = someVins(300, 'WVWZZZE1F').map((vin, index) =>
        index % 100 === 7 ? `${vin},audi,A4,XX` : `${vin},audi,A4,AT`,
      );
      const { view, report } = await transfers.import('csv', ['vin,brand,model,market', ...lines].join('\r\n'));
      expect(view).toMatchObject({ status: 'done', registered: 297, unchanged: 0, failed: 3 });
      expect(report?.map(({ line }) => line)).toEqual(Array.from({ length: 3 }, (_, index) => index * 100 + 9));
    } finally {
      faults.endAll();
    }
  }, 120_000);
});
