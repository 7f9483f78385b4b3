import fc from 'fast-check';
import { expect, test } from 'vitest';
import { campaignIdOf } from '#shared/ota/campaigns/campaign-id.ts';
import { CountService } from '#shared/ota/campaigns/count-service.ts';
import type { CounterRepository, DueRepository } from '#shared/ota/campaigns/ports.ts';
import { summed } from '#shared/ota/campaigns/statistics.ts';
import { offered } from '#shared/ota/updates/course.ts';
import type { UpdateRepository } from '#shared/ota/updates/update-repository.ts';
import { UpdateService } from '#shared/ota/updates/update-service.ts';
import { anUpdate, aRunningCampaign } from '../shared/ota/updates/updates.ts';
import { noneShared } from '../support/none-shared.ts';
import { aPersonId, aVehicleId } from './samples.ts';

const running = aRunningCampaign();
let serial = 0;
const aCampaign = () => campaignIdOf(Date.now() + serial++, new Uint8Array(7));

export function updateRepositoryContract(open: () => Promise<UpdateRepository>): void {
  test('a vehicle is enlisted once, and of two who change its update one wins', async () => {
    const updates = await open();
    const update = anUpdate({ vehicleId: aVehicleId(), campaignId: aCampaign() });
    expect([await updates.add(update), await updates.add(update)]).toEqual([true, false]);
    const next = offered(update, [], 5);
    expect([await updates.save(next, update.version), await updates.save(next, update.version)]).toEqual([true, false]);
    expect(await updates.load(update.vehicleId, update.campaignId)).toEqual(next);
    expect(await updates.ofVehicle(update.vehicleId)).toEqual([next]);
  });

  test('scenario 16: of two updates of a vehicle that app and screen accept at the same instant one goes under way', async () => {
    const updates = await open();
    const vehicleId = aVehicleId();
    const enlisted = [aCampaign(), aCampaign()].map((campaignId) => anUpdate({ vehicleId, campaignId }));
    for (const one of enlisted) await updates.add(one);
    for (const one of enlisted) await updates.save(offered(one, [], 5), one.version);
    // Each has looked before the other one writes.
    let looking = 0;
    let bothLooked = () => {};
    const looked = new Promise<void>((resolve) => {
      bothLooked = resolve;
    });
    const service = new UpdateService({
      updates: {
        load: (...of) => updates.load(...of),
        add: (update) => updates.add(update),
        save: (...what) => updates.save(...what),
        claim: (...what) => updates.claim(...what),
        enlisted: (...of) => updates.enlisted(...of),
        ofVehicle: async (of) => {
          const all = await updates.ofVehicle(of);
          looking += 1;
          if (looking === 2) bothLooked();
          await looked;
          return all;
        },
      },
      shared: noneShared,
      campaigns: { load: async () => running },
      releases: { load: async () => undefined },
      ...{ owners: { ownerOf: async () => undefined }, clock: { now: () => 10 } },
    });
    const decision = { kind: 'accept' as const, from: 10, to: 3_600_000 };
    const [inApp, onScreen] = enlisted.map(({ campaignId }) => campaignId);
    if (inApp === undefined || onScreen === undefined) throw new Error('two campaigns');
    const answers = await Promise.allSettled([
      service.decideAsOwner(vehicleId, inApp, aPersonId(), decision, 1),
      service.hear(vehicleId, { kind: 'decision', campaignId: onScreen, revision: 1, decision, at: 10 }),
    ]);
    const states = (await updates.ofVehicle(vehicleId)).map(({ state }) => state.status);
    expect(states.sort()).toEqual(['accepted', 'offered']);
    expect(looking).toBeGreaterThan(2);
    const refused = answers.find(({ status }) => status === 'rejected');
    if (refused?.status === 'rejected') expect(refused.reason).toMatchObject({ code: 'another-update' });
  });

  test('a walk by pages meets every enlisted vehicle of the campaign once', async () => {
    const updates = await open();
    const campaignId = aCampaign();
    const vehicleIds = Array.from({ length: 23 }, aVehicleId);
    for (const vehicleId of vehicleIds) await updates.add(anUpdate({ vehicleId, campaignId }));
    await updates.add(anUpdate({ vehicleId: aVehicleId(), campaignId: aCampaign() }));
    const met: string[] = [];
    let from: string | undefined;
    do {
      const page = await updates.enlisted(campaignId, 4, from);
      expect(page.vehicles.length).toBeLessThanOrEqual(4);
      met.push(...page.vehicles.map(({ vehicleId }) => vehicleId));
      from = page.next;
    } while (from !== undefined);
    expect(met.sort()).toEqual([...vehicleIds].sort());
  });
}

export function counterRepositoryContract(open: () => Promise<CounterRepository>): void {
  test('scenario 11: counters are exact, however often and in whatever cuts a stream is given', async () => {
    const counters = await open();
    const counts = new CountService({
      ...{ counters, clock: { now: () => 0 } },
      campaigns: { load: async () => undefined, save: async () => false },
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 6 }),
        async (sizes, replays) => {
          const campaignId = aCampaign();
          const changes = sizes.map((size, place) => ({
            ...{ campaignId, sequence: String(1000 + place) },
            tally: new Map([['s/offered', size]]),
          }));
          let reached = 0;
          for (const [begin, length] of [...replays, [0, 11] as const]) {
            // What is behind the checkpoint comes again at will; what is ahead never comes before what is between.
            const from = Math.min(begin, reached);
            await counts.count('shard-1', changes.slice(from, from + length + 1));
            reached = Math.max(reached, Math.min(changes.length, from + length + 1));
          }
          await counts.count('shard-1', changes.slice(reached));
          const expected = sizes.reduce((sum, size) => sum + size, 0);
          expect((await counters.totals(campaignId)).get('s/offered')).toBe(expected);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('each shard of the stream has a checkpoint of its own, and the totals are of all of them', async () => {
    const counters = await open();
    const campaignId = aCampaign();
    const fold = (shardId: string, first: string, last: string, count: number) =>
      counters.fold({ campaignId, shardId, first, last, tally: new Map([['s/offered', count]]) });
    expect(await fold('one', '10', '12', 3)).toBe(true);
    expect(await fold('two', '9', '11', 2)).toBe(true);
    expect(await fold('one', '9', '13', 9)).toBe(false);
    expect([
      await counters.isCounted(campaignId, 'one', '12'),
      await counters.isCounted(campaignId, 'one', '100'),
    ]).toEqual([true, false]);
    expect(summed([await counters.totals(campaignId)])).toEqual(new Map([['s/offered', 5]]));
  });

  test('a count of everything puts the totals right, and what is folded afterwards still counts', async () => {
    const counters = await open();
    const campaignId = aCampaign();
    const fold = (sequence: string) =>
      counters.fold({
        campaignId,
        shardId: 'one',
        first: sequence,
        last: sequence,
        tally: new Map([['s/offered', 1]]),
      });
    await fold('1');
    await counters.reconcile(campaignId, new Map([['s/offered', 4]]));
    await counters.reconcile(campaignId, new Map([['s/offered', 4]]));
    await fold('2');
    expect((await counters.totals(campaignId)).get('s/offered')).toBe(5);
  });
}

export function dueRepositoryContract(open: () => Promise<DueRepository>): void {
  test('what is due comes in the order of its instants, each once behind a position', async () => {
    const due = await open();
    const campaignId = aCampaign();
    const vehicleIds = [aVehicleId(), aVehicleId(), aVehicleId()];
    for (const [place, vehicleId] of vehicleIds.entries()) {
      await due.add({ campaignId, vehicleId, at: 3_000_000 - place * 1_000_000 });
      await due.add({ campaignId, vehicleId, at: 3_000_000 - place * 1_000_000 });
    }
    const { items } = await due.page(campaignId, 2_500_000, 10);
    expect(items.map(({ vehicleIds: due }) => due)).toEqual([[vehicleIds[2]], [vehicleIds[1]]]);
    expect(await due.next(campaignId, items.at(-1)?.position)).toBe(3_000_000);
    expect((await due.page(campaignId, 2_500_000, 10, items.at(-1)?.position)).items).toEqual([]);
  });

  test('what is due at the same time and written at the same time stands in few entries, and is all there', async () => {
    const due = await open();
    const campaignId = aCampaign();
    const vehicleIds = Array.from({ length: 250 }, aVehicleId);
    await Promise.all(vehicleIds.map((vehicleId, place) => due.add({ campaignId, vehicleId, at: 990_001 + place })));
    const { items } = await due.page(campaignId, 1_000_000, 10);
    expect(items.length).toBeLessThanOrEqual(4);
    expect(items.flatMap((entry) => entry.vehicleIds).sort()).toEqual([...vehicleIds].sort());
  });
}
