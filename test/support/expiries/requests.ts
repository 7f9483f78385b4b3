import { ApiClient } from '#local/tour/api-client.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at } from '#local/tour/telling.ts';
import { type Make, newVin, problemOf, type Stage } from './stage.ts';
import { Tables } from './tables.ts';

/** What the API remembers of those who ask. */
export const ofRequests: Readonly<Record<string, Make>> = {
  async 'the memory of a key'(stage) {
    const key = { 'idempotency-key': `memory-${newVin()}` };
    const ask = async () => at((await stage.operator.post('/v1/imports', { format: 'csv' }, key)).body, 'importId');
    const first = await ask();
    return async () => ((await ask()) === first ? 'good' : 'carried out anew');
  },
  async 'the lease of a request that died'(stage) {
    const { faults } = stage.scene.cloud;
    const key = { 'idempotency-key': `lease-${newVin()}` };
    const vehicle = { ...golf, vin: newVin() };
    faults.plan({
      ...{ kind: 'crash', hop: 'function', label: '*-api', when: 'after-effect' },
      ...{ operation: 'TransactWriteItems', times: 1 },
    });
    const { status } = await stage.operator.post('/v1/vehicles', vehicle, key);
    faults.endAll();
    if (status < 500) throw new Error(`The request did not die: ${status}`);
    return async () => problemOf(await stage.operator.post('/v1/vehicles', vehicle, key));
  },
  async 'being shut out'(stage) {
    await shutOut(stage);
    // An instance that knows nothing lends the first request: the answer to the last one counts.
    return async () => {
      const reader = new ApiClient(stage.file, 'reader');
      const answers: string[] = [];
      for (let asked = 0; asked < 6; asked += 1) answers.push(problemOf(await reader.get('/v1/vehicles?limit=1')));
      return answers.at(-1) ?? '';
    };
  },
};

/** As it stands in the table after minutes of misconduct. */
async function shutOut(stage: Stage): Promise<void> {
  const reader = stage.file.identity.clients.find(({ name }) => name === 'reader');
  const now = stage.scene.cloud.clock.now();
  await new Tables(stage).put('Access', {
    ...{ pk: `client#${reader?.clientId}`, sk: 'standing', tokens: 200, filledAt: now },
    conduct: { since: now, requests: 0, ignored: 0, nonsense: 0 },
    circuit: { openedAt: now, until: now + 60_000, times: 1, reason: 'nonsense' },
  });
}
