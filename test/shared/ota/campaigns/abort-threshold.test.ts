import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Campaign } from '#shared/ota/campaigns/campaign.ts';
import { CountService } from '#shared/ota/campaigns/count-service.ts';
import type { CounterRepository } from '#shared/ota/campaigns/ports.ts';
import { summed, type Tally, tallyOf } from '#shared/ota/campaigns/statistics.ts';
import { ReleasedUpdates } from '#shared/ota/director/campaign-gate.ts';
import { concluded, progressed, timedOut } from '#shared/ota/updates/course.ts';
import { decided } from '#shared/ota/updates/decision.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import { aVehicleId } from '../../../contract/samples.ts';
import { aCampaignId, anOffered, aRunningCampaign, now } from '../updates/updates.ts';

const hour = 3_600_000;
const minimumSample = 10;
const percent = 30;
const policy = { retries: { network: { times: 1, afterMinutes: 60 } }, installMinutes: 60 };

type End = 'installed' | 'health' | 'network' | 'timed-out';

function accepted(): Update {
  const offer = anOffered({ vehicleId: aVehicleId() });
  const decision = { kind: 'accept', from: now, to: now + 24 * hour } as const;
  return decided(offer, [], { decision, revision: offer.revision, by: { by: 'driver' } }, now);
}

function installing(update: Update): Update {
  const about = { campaignId: update.campaignId, attempt: 1, sequence: 1, at: now };
  return progressed(update, { kind: 'progress', ...about, phase: 'installing', percent: 1 }, now);
}

/** What becomes of a vehicle that is installing. `network` is tried again; of `timed-out` nothing was heard for an hour. */
function ended(update: Update, end: End): Update {
  if (end === 'timed-out') return timedOut(update, policy, now + hour);
  const about = { kind: 'result', campaignId: update.campaignId, attempt: 1, sequence: 9, ecus: [], at: now } as const;
  const word =
    end === 'installed'
      ? ({ ...about, safety: 'safe', outcome: 'installed', softwareVersion: '5.0.0' } as const)
      : ({ ...about, safety: 'safe', outcome: 'failed', error: end, detail: 'no' } as const);
  return concluded(update, word, policy, now);
}

/** A campaign and its counters, which several shards of the stream are folded into. */
class Counted {
  campaign: Campaign;
  /** How often it was written. */
  writes = 0;
  readonly service: CountService;
  readonly #totals: Tally[] = [];
  #sequence = 1000;

  constructor(state: Campaign['state'], schedule: <T>(work: Promise<T>) => Promise<T> = (work) => work) {
    this.campaign = aRunningCampaign({ abort: [{ percent, minimumSample }], state });
    const counters: Pick<CounterRepository, 'fold' | 'totals'> = {
      fold: ({ tally }) => schedule(Promise.resolve()).then(() => this.#totals.push(tally) > 0),
      totals: () => schedule(Promise.resolve()).then(() => summed(this.#totals)),
    };
    this.service = new CountService({
      counters: { ...counters, isCounted: async () => false, reconcile: async () => {} },
      campaigns: {
        load: () => schedule(Promise.resolve(this.campaign)),
        save: (next, seen) =>
          schedule(Promise.resolve()).then(() => {
            if (this.campaign.version !== seen) return false;
            this.campaign = next;
            this.writes += 1;
            return true;
          }),
      },
      clock: { now: () => now },
    });
  }

  /** What a shard of the stream brings in one batch. */
  batch(shard: string, changes: readonly (readonly [before: Update | undefined, after: Update])[]): Promise<void> {
    const { campaignId } = this.campaign;
    const counted = changes.map(([before, after]) => {
      return { campaignId, sequence: String(this.#sequence++), tally: tallyOf(before, after) };
    });
    return this.service.count(shard, counted);
  }

  get isStopped(): boolean {
    return this.campaign.state.status === 'stopped';
  }
}

const running = { status: 'running', since: 1 } as const;
const end = fc.constantFrom<End>('installed', 'installed', 'installed', 'health', 'network', 'timed-out');
const isFailure = (one: End) => one !== 'installed';
const exceeds = (ends: readonly End[]) =>
  ends.length >= minimumSample && 100 * ends.filter(isFailure).length >= percent * ends.length;

test('scenario 12: a campaign stops as soon as its minimum sample exceeds the threshold, time-outs counted, and not before', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(end, { maxLength: 40 }),
      fc.constantFrom('running', 'paused', 'closed'),
      async (ends, as) => {
        const states = {
          running,
          paused: { status: 'paused', since: 1, by: 'operator' },
          closed: { status: 'closed', at: 1 },
        } as const;
        const counted = new Counted(states[as]);
        const due = ends.findIndex((_, place) => exceeds(ends.slice(0, place + 1)));
        for (const [place, one] of ends.entries()) {
          const before = installing(accepted());
          await counted.batch('one', [[undefined, before]]);
          await counted.batch('one', [[before, ended(before, one)]]);
          expect(counted.isStopped, `after ${place + 1} of ${ends}`).toBe(due >= 0 && place >= due);
        }
        // Stopped once, whatever fails after it, with what it saw then.
        expect(counted.writes).toBe(due >= 0 ? 1 : 0);
        if (due >= 0) {
          const failures = ends.slice(0, due + 1).filter(isFailure).length;
          const reason = expect.stringContaining(`${failures} of ${due + 1} failed`);
          expect(counted.campaign.state).toMatchObject({ by: 'abort-threshold', reason });
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('scenario 12: failures at the same moment, in whatever shards and order they are counted, stop a campaign once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.array(end, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 4 }),
      async (scheduler, shards) => {
        const counted = new Counted(running, (work) => scheduler.schedule(work));
        const all = shards.map((ends, place) => {
          const changes = ends.map((one) => {
            const before = installing(accepted());
            return [undefined, ended(before, one)] as const;
          });
          return counted.batch(`shard-${place}`, changes);
        });
        await scheduler.waitFor(Promise.all(all));
        const ends = shards.flat();
        // Whoever folds last sees everything.
        if (exceeds(ends) && shards.every((some) => some.some(isFailure))) expect(counted.isStopped).toBe(true);
        if (ends.length < minimumSample) expect(counted.isStopped).toBe(false);
        expect(counted.writes).toBe(counted.isStopped ? 1 : 0);
      },
    ),
    { numRuns: 150 },
  );
});

test('scenario 12: of the cars in flight, those that are written come to their end and are counted; the others begin nothing', async () => {
  const inFlight = [accepted(), installing(accepted())] as const;
  const counted = new Counted(running);
  const gate = new ReleasedUpdates(
    { load: async () => counted.campaign },
    { load: async (vehicleId) => inFlight.find((one) => one.vehicleId === vehicleId) },
    { begin: async () => undefined },
  );
  const word = async ({ vehicleId }: Update, purpose: 'download' | 'install') => {
    const answer = await gate.ask(vehicleId, aCampaignId(), purpose, now);
    return answer.kind === 'refused' ? answer.reason : answer.kind;
  };
  await counted.batch(
    'one',
    inFlight.map((one) => [undefined, one]),
  );
  expect(await word(inFlight[0], 'install')).toBe('released');
  const failures = Array.from({ length: minimumSample }, () => installing(accepted()));
  await counted.batch(
    'one',
    failures.map((one) => [undefined, ended(one, 'timed-out')]),
  );
  expect(counted.isStopped).toBe(true);
  for (const purpose of ['download', 'install'] as const) expect(await word(inFlight[0], purpose)).toBe('stopped');
  // Nobody interrupts what is being written: its end is heard as any other, and stops nothing twice.
  for (const last of ['installed', 'health'] as const) {
    expect(ended(inFlight[1], last).state.status).toBe(last === 'installed' ? 'installed' : 'failed');
    await counted.batch('one', [[inFlight[1], ended(inFlight[1], last)]]);
  }
  expect(counted.writes).toBe(1);
  // Who goes on all the same is stopped by the next failure, and by no success.
  counted.campaign = { ...counted.campaign, state: running };
  const later = installing(accepted());
  await counted.batch('one', [[undefined, ended(later, 'installed')]]);
  expect(counted.isStopped).toBe(false);
  await counted.batch('one', [[undefined, ended(later, 'health')]]);
  expect(counted.isStopped).toBe(true);
});
