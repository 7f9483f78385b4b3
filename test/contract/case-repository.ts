import { expect, test } from 'vitest';
import { type AssistanceCase, closed, openedFor, type Trouble } from '#shared/ota/assistance/case.ts';
import type { CaseRepository, OpenCases } from '#shared/ota/assistance/case-repository.ts';
import { campaignIdOf } from '#shared/ota/campaigns/campaign-id.ts';
import { isBrand } from '#shared/registry/brand.ts';
import { anUpdate } from '../shared/ota/updates/updates.ts';
import { aBrand, aVehicleId } from './samples.ts';

let serial = 0;
const aCampaign = () => campaignIdOf(Date.now() + serial++, new Uint8Array(7));

const failed: Trouble = { kind: 'failed', safety: 'safe', error: 'health', detail: 'its own check failed' };
const unsafe: Trouble = { kind: 'failed', safety: 'unsafe-to-drive', error: 'unrecovered' };

function aCase(trouble: Trouble, at: number, campaignId = aCampaign()): AssistanceCase {
  const update = anUpdate({ vehicleId: aVehicleId(), campaignId });
  return openedFor(update, aBrand(), trouble, { at, by: 'platform', what: 'opened' });
}

async function all(cases: CaseRepository, which: OpenCases, limit: number): Promise<readonly AssistanceCase[]> {
  const found: AssistanceCase[] = [];
  let from: string | undefined;
  do {
    const page = await cases.open(which, { limit, ...(from !== undefined && { from }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    from = page.next;
  } while (from !== undefined);
  return found;
}

export function caseRepositoryContract(open: () => Promise<CaseRepository>): void {
  test('a case is opened once, and of two who change it one wins', async () => {
    const cases = await open();
    const one = aCase(unsafe, 5);
    expect([await cases.save(one, undefined), await cases.save(one, undefined)]).toEqual([true, false]);
    const next = closed(one, { at: 9, by: 'operator' }, 'repaired');
    expect([await cases.save(next, 1), await cases.save(next, 1)]).toEqual([true, false]);
    expect(await cases.load(one)).toEqual(next);
  });

  test('open cases come by urgency, then the newest first, each once on some page; closed ones do not', async () => {
    const cases = await open();
    const [brands, campaignId] = [[aBrand()], aCampaign()];
    const [old, fresh] = [aCase(failed, 10, campaignId), aCase(failed, 20)];
    const [worse, shut] = [aCase(unsafe, 5, campaignId), aCase(unsafe, 30)];
    for (const one of [old, fresh, worse, shut]) await cases.save(one, undefined);
    await cases.save(closed(shut, { at: 40, by: 'operator' }, 'repaired'), 1);
    for (const limit of [1, 2, 9]) {
      expect(await all(cases, { brands }, limit)).toEqual([worse, fresh, old]);
      expect(await all(cases, { brands, campaignId }, limit)).toEqual([worse, old]);
    }
    const other = 'peugeot';
    if (isBrand(other)) expect(await all(cases, { brands: [other] }, 2)).toEqual([]);
    await expect(cases.open({ brands }, { limit: 1, from: 'nonsense' })).rejects.toThrow(/cursor/);
  });
}
