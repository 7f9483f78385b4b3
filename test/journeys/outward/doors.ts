import { expect, test } from 'vitest';
import { problem } from '#local/tour/telling.ts';
import type { OutwardTown } from '../../support/outward-town.ts';
import { sampleSystem } from '../../support/sharing-city.ts';

const prefixes = {
  api: ['vehicles', 'me', 'campaigns', 'persons', 'sharings'],
  'sharing-api': ['sharing', 'me/sharing', 'webhooks', 'mds', 'tomp'],
};

/** Two functions answer for one API, each for the paths that lead to it. */
export function doors(town: () => OutwardTown): void {
  test('a path leads to its function; nowhere, a method that is not there, no token: answered alike by both', async () => {
    const { operator, home } = town();
    const { baseUrl } = home.cloud.file.api;
    const nobody = await fetch(`${baseUrl}/v1/webhooks`);
    expect([nobody.status, await nobody.json()]).toEqual([401, { message: 'Unauthorized' }]);
    const refused = await operator.send('DELETE', '/v1/webhooks');
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST, GET, HEAD']);
    for (const [name, mine] of Object.entries(prefixes)) {
      for (const prefix of mine) {
        const nowhere = await operator.get(`/v1/${prefix}/no/such/thing/at/all`);
        expect([nowhere.status, problem(nowhere)], prefix).toEqual([404, 'not-found']);
        expect(nowhere.headers.get('ratelimit-policy'), prefix).toMatch(/q=\d+/);
        const [way] = home.cloud.traces.find(nowhere.headers.get('apigw-requestid') ?? '');
        expect(way?.hops.map(({ kind, label }) => `${kind} ${label}`)).toContain(`function fleetloom-dev-${name}`);
      }
    }
  });

  test('an Idempotency-Key is known behind both doors', async () => {
    const { operator } = town();
    const key = { 'idempotency-key': 'two-doors-1' };
    const order = { vehicleTypeId: 'bike', label: 'Two doors' };
    const path = `/v1/sharing/systems/${sampleSystem.systemId}/vehicles`;
    const made = await operator.post(path, order, key);
    expect([made.status, (await operator.post(path, order, key)).body]).toEqual([201, made.body]);
    const other = await operator.post('/v1/clients/somebody/readmission', undefined, key);
    expect(problem(other)).toBe('idempotency-key-reused');
  });

  test('somebody rides a bike, and pays', async () => {
    const { ada } = town();
    expect(await town().rides(ada, town().bike(0))).toMatchObject({ payment: { status: 'paid' } });
  });
}
