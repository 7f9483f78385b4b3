import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CloudClock } from '#device-sdk/cloud-clock.ts';
import { thisHost } from '#device-sdk/host.ts';
import { ShadowRequests } from '#device-sdk/shadow.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { Twin } from '#device-sdk/twin.ts';

const directory = mkdtempSync(join(tmpdir(), 'fleetloom-twin-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('a report that waits on disk is there at every moment until it is taken, whatever is reported meanwhile', async () => {
  const storage = openStorage(directory);
  const host = { ...thisHost, after: () => () => {} };
  const silence = { publish: async () => {} };
  const requests = new ShadowRequests(() => 'shadow', silence, new CloudClock(), host);
  const twin = new Twin('comfort', { requests, storage, host, log: () => {} });
  await twin.report({ window: 'open' });
  void twin.connected().catch(() => undefined);
  const later = twin.report({ roof: 'closed' });
  twin.disconnected();
  expect(storage.read('twin-comfort')).toEqual({ window: 'open', roof: 'closed' });
  requests.abandon();
  await later;
  expect(storage.read('twin-comfort')).toEqual({ window: 'open', roof: 'closed' });
});
