import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '#local/tour/api-client.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { someVins, Transfers } from '../support/transfers.ts';

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
});
