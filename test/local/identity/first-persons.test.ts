import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { seededUsers } from '#local/factory/first-persons.ts';
import { PartnerCloud } from '../http-api/partner-cloud.ts';

test('a seeded person who was deleted is named no more, and does not come back at the next start', async () => {
  const cloud = await PartnerCloud.start();
  onTestFinished(() => cloud.end());
  await cloud.pool();
  const { identity, functions, issuer } = cloud;
  const poolId = issuer.slice(issuer.lastIndexOf('/') + 1);
  const execution = { stacks: new Map([['Access', { UserPoolId: poolId }]]), resources: new Map() };
  const start = () => seededUsers(identity, functions.state, execution);

  const first = await start();
  const [driver, second] = first();
  expect([driver?.name, second?.name]).toEqual(['driver', 'second-driver']);
  expect((await start())()).toEqual([driver, second]);

  const pool = identity.pools.pool(poolId);
  const { users } = identity.people;
  const user = users.find(pool, 'driver');
  if (user === undefined || driver === undefined) throw new Error('the driver is not there');
  users.delete(pool, user);
  expect(first()).toEqual([second]);
  const seeded = readFileSync(join(functions.state.directory, 'identity/seeded.jsonl'), 'utf8');
  expect(seeded).not.toContain(driver.password);
  expect((await start())()).toEqual([second]);
  expect(users.find(pool, 'driver')).toBeUndefined();
});
