import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiClient } from '#local/tour/api-client.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { administrator } from '../support/aws-clients.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

// Small, so that a slow machine too asks ten times as often.
const quota = { rate: 0.5, burst: 5 };
let home: JourneyCloud;
let readerId: string;

beforeAll(async () => {
  home = await openCloud();
  const { file, execution } = home.cloud;
  readerId = file.identity.clients.find(({ name }) => name === 'reader')?.clientId ?? '';
  const TableName = [...execution.resources.values()].find(({ logicalId }) => logicalId.startsWith('Access'))?.ref;
  const Item = { pk: { S: `client#${readerId}` }, sk: { S: 'quota' }, rate: { N: '0.5' }, burst: { N: '5' } };
  const tables = new DynamoDBClient(administrator(file));
  await tables.send(new PutItemCommand({ TableName, Item }));
  tables.destroy();
}, startTimeout);
afterAll(() => home.close());

/** Asks from several sides at once, so often. */
async function flood(client: ApiClient, requests: number) {
  const begun = performance.now();
  const statuses: number[] = [];
  let [asked, waits] = [0, 0];
  const side = async () => {
    while (asked < requests) {
      asked += 1;
      const { status, headers } = await client.get('/v1/vehicles?limit=1');
      statuses.push(status);
      if (status === 429 && Number(headers.get('retry-after')) >= 1) waits += 1;
    }
  };
  await Promise.all(Array.from({ length: 4 }, side));
  return { statuses, waits, seconds: (performance.now() - begun) / 1000 };
}

test('a client at ten times its quota gets its quota, is told to wait, and hinders nobody', async () => {
  const { reader, operator } = home.journey;
  await Promise.all([reader.token(), operator.token()]);
  // First the functions' instances start.
  await flood(operator, 20);
  const flooding = flood(reader, 200);
  const others: number[] = [];
  for (let n = 0; n < 30; n += 1) others.push((await operator.get('/v1/vehicles?limit=1')).status);
  const { statuses, waits, seconds } = await flooding;
  const good = statuses.filter((status) => status === 200).length;
  const refused = statuses.filter((status) => status === 429).length;
  expect(good + refused).toBe(statuses.length);
  expect(waits).toBe(refused);
  // One request on credit for each instance that was started.
  expect(good).toBeLessThanOrEqual(quota.burst + quota.rate * seconds + 10);
  expect(statuses.length).toBeGreaterThan(5 * good);
  expect(good).toBeGreaterThan(0.7 * (quota.burst + quota.rate * seconds));
  expect(new Set(others)).toEqual(new Set([200]));
});

test('a client that waits as it was told gets through', async () => {
  const { reader } = home.journey;
  await flood(reader, 30);
  const refused = await reader.get('/v1/vehicles?limit=1');
  if (refused.status !== 429) return;
  const wait = Number(refused.headers.get('retry-after')) * 1000;
  const until = performance.now() + wait;
  await eventually(
    'the time that was said',
    () => performance.now(),
    (now) => now >= until,
  );
  expect((await reader.get('/v1/vehicles?limit=1')).status).toBe(200);
});

test('an operator sees how a client stands', async () => {
  const body = await eventually(
    'requests that were sent without waiting',
    async () => {
      await flood(home.journey.reader, 4);
      return (await home.journey.operator.get(`/v1/clients/${readerId}/standing`)).body;
    },
    (standing) => Number(at(standing, 'conduct', 'ignored')) > 0,
  );
  expect(body).toMatchObject({ quota, state: 'closed' });
  const again = await home.journey.operator.post(`/v1/clients/${readerId}/readmission`, undefined);
  expect(again.body).toMatchObject({ conduct: { ignored: 0 } });
});
