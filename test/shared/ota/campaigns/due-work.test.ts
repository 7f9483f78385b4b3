import { expect, test } from 'vitest';
import { DueWork } from '#shared/ota/campaigns/due-work.ts';
import type { Due } from '#shared/ota/campaigns/ports.ts';
import { freshRun } from '#shared/ota/campaigns/run.ts';
import { decided } from '#shared/ota/updates/decision.ts';
import { isSilent } from '#shared/ota/updates/silence.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import type { Connection } from '#shared/registry/presence.ts';
import { anOffered, now } from '../updates/updates.ts';
import { RunWorld } from './run-world.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** One vehicle that has consented and says nothing, in a campaign whose run looks every five minutes. */
class QuietWorld {
  readonly dues: Due[] = [];
  update: Update;
  readonly #campaign = { ...new RunWorld(0, { rate: { kind: 'unlimited' }, waves: [] }).campaign, silenceHours: 10 };

  constructor() {
    const accept = { kind: 'accept', from: now, to: now + day } as const;
    this.update = decided(anOffered(), [], { decision: accept, revision: 1, by: { by: 'driver' } }, now);
    this.dues.push({ ...this.update, at: now + 10 * hour });
  }

  async live(until: number, connection: (at: number) => Connection): Promise<void> {
    const { vehicleId, campaignId } = this.update;
    let run = freshRun(campaignId, { kind: 'resting' }, now);
    for (let at = now; at < until; at += 5 * 60_000) {
      const session = { sessionId: 's', connection: 0, version: 1, since: now, ...connection(at) };
      const work = new DueWork({
        due: {
          add: async (due) => void this.dues.push(due),
          next: async () => undefined,
          page: async (_, last, __, after = '0') => ({
            items: this.dues
              .map((due) => ({ vehicleIds: [due.vehicleId], at: due.at, position: String(due.at) }))
              .filter((one) => one.at <= last && one.at > Number(after)),
          }),
        },
        updates: this.#updates(),
        presences: { loadMany: async () => new Map([[vehicleId, { vehicleId, ...session }]]) },
      });
      run = (await work.done(this.#campaign, run, at)).run;
    }
  }

  #updates() {
    return {
      load: async () => this.update,
      ofVehicle: async () => [this.update],
      add: async () => false,
      claim: async () => false,
      enlisted: async () => ({ vehicles: [] }),
      save: async (next: Update, seen: number) => {
        if (this.update.version !== seen) return false;
        this.update = next;
        return true;
      },
    };
  }
}

test('a vehicle that is online and silent is noticed when patience ends, once', async () => {
  const world = new QuietWorld();
  await world.live(now + 9 * hour, () => ({ connected: true }));
  expect(isSilent(world.update)).toBe(false);
  await world.live(now + 5 * day, () => ({ connected: true }));
  expect(world.update.story.filter(({ what }) => what === 'silent')).toHaveLength(1);
  expect(world.update.story.at(-1)?.at).toBeLessThan(now + 10 * hour + 6 * 60_000);
  expect(world.dues).toHaveLength(1);
});

test('a vehicle that is parked without a line has no trouble, and is looked for ever more rarely', async () => {
  const world = new QuietWorld();
  await world.live(now + 60 * day, () => ({ connected: false, since: now + hour }));
  expect(isSilent(world.update)).toBe(false);
  expect(world.dues.length).toBeLessThan(10);
});

test('one that comes out of its garage and still says nothing is noticed then', async () => {
  const world = new QuietWorld();
  await world.live(now + 20 * day, (at) =>
    at < now + 3 * day ? { connected: false, since: now + hour } : { connected: true, since: now + 3 * day },
  );
  expect(isSilent(world.update)).toBe(true);
});
