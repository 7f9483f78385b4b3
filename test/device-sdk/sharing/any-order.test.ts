import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Phone } from '#device-sdk/sharing/phone.ts';
import type { KeyAction } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { minute, SharedScene } from './shared-scene.ts';

type Step =
  | { readonly kind: 'ask'; readonly fence: number; readonly action: KeyAction }
  | { readonly kind: 'pass'; readonly minutes: number }
  | { readonly kind: 'statement'; readonly fence: number }
  | { readonly kind: 'body'; readonly rolls: boolean; readonly open: boolean; readonly charging: boolean }
  | { readonly kind: 'restart' | 'online' | 'offline' | 'operator' };

const fences = [1, 2, 3, 4] as const;
const actions = ['start', 'pause', 'resume', 'end'] as const;
/** Minutes for which a key starts a trip. */
const good = 40;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('ask'),
      fence: fc.constantFrom(...fences),
      action: fc.constantFrom(...actions),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass'), minutes: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('statement'), fence: fc.constantFrom(...fences) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('body'),
      rolls: fc.boolean(),
      open: fc.boolean(),
      charging: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('restart', 'online', 'offline', 'operator') }) },
);

/** What should be, told in the plainest way: it knows nothing of tokens, disks or lines. */
class Model {
  readonly log: string[] = [];
  trip: { readonly fence: number; paused: boolean } | undefined;
  private admits = 1;
  private minutes = 0;
  private body = { rolls: false, open: false, charging: false };
  /** As the trip has it. */
  private plugged = false;
  private endedFence: number | undefined;

  ask(fence: number, action: KeyAction): string {
    const { trip, body } = this;
    if (trip !== undefined && fence !== trip.fence) return fence < trip.fence ? 'fence-too-low' : 'already-on-trip';
    if (trip === undefined) {
      if (action === 'end' && this.endedFence === fence) return 'done';
      if (fence < this.admits) return 'fence-too-low';
      if (action !== 'start') return 'no-trip';
      if (this.minutes >= good) return 'token-expired';
      this.trip = { fence, paused: false };
      this.admits = fence;
      this.plugged = body.charging;
      return this.wrote(fence, 'started');
    }
    if (action === 'pause' && (body.rolls || body.open)) return 'cannot-pause';
    if (action === 'end' && (body.rolls || body.open)) return 'cannot-end';
    if (action === 'start' && trip.paused) return 'already-on-trip';
    if (action === 'end') return this.ended('ended');
    if ((action === 'pause') === trip.paused) return 'done';
    if (action === 'start') return 'done';
    trip.paused = action === 'pause';
    return this.wrote(fence, trip.paused ? 'paused' : 'resumed');
  }

  order(): void {
    if (this.trip !== undefined && !this.body.rolls) this.ended('ended-by-operator');
  }

  statement(fence: number): void {
    this.admits = Math.max(this.admits, fence);
  }

  pass(minutes: number): void {
    this.minutes += minutes;
  }

  set(body: Model['body']): void {
    this.body = body;
    if (this.trip === undefined || this.plugged === body.charging) return;
    this.plugged = body.charging;
    this.wrote(this.trip.fence, body.charging ? 'charging-started' : 'charging-ended');
  }

  private ended(kind: string): string {
    const fence = this.trip?.fence ?? 0;
    this.trip = undefined;
    this.endedFence = fence;
    this.admits = Math.max(this.admits, fence + 1);
    return this.wrote(fence, kind);
  }

  private wrote(fence: number, kind: string): string {
    this.log.push(`${fence} ${kind}`);
    return 'done';
  }
}

test('whatever is asked, in whichever order, over restarts and tunnels: the answers are the model’s, the log is whole and signed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const scene = await new SharedScene().inService();
      const model = new Model();
      const expiresAt = scene.host.wall + good * minute;
      const phones = new Map<number, Phone>();
      for (const fence of fences) {
        phones.set(fence, await scene.phone({ fence, reservationId: `rsv-${fence}`, expiresAt }));
      }
      let version = 1;
      for (const it of steps) {
        switch (it.kind) {
          case 'ask': {
            const phone = phones.get(it.fence);
            if (phone !== undefined) expect(await scene.told(phone, it.action)).toBe(model.ask(it.fence, it.action));
            break;
          }
          case 'operator': {
            const reservationId = `rsv-${model.trip?.fence}`;
            model.order();
            await scene.sharing.endByOrder({ reservationId }).catch(() => {});
            break;
          }
          case 'body':
            scene.body.set({ speed: it.rolls ? 30 : 0, doorsClosed: !it.open, charging: it.charging });
            model.set(it);
            await scene.settled();
            break;
          case 'statement':
            version += 1;
            await scene.say({ version, minimumFence: it.fence });
            model.statement(it.fence);
            break;
          case 'pass':
            scene.host.pass(it.minutes * minute);
            model.pass(it.minutes);
            break;
          case 'online':
            await scene.sharing.connected();
            break;
          case 'offline':
            scene.sharing.disconnected();
            break;
          case 'restart':
            scene.life();
            break;
          default:
            it satisfies never;
        }
        // A body that stands does what the log says, and nothing is ever closed in motion.
        if (model.trip !== undefined && !model.trip.paused) expect(scene.body.immobilised).toBe(false);
        if (model.trip === undefined) expect(scene.body).toMatchObject({ immobilised: true, locked: true });
      }
      await scene.settled();
      expect(scene.kinds()).toEqual(model.log.map((line) => line.split(' ')[1]));
      expect(scene.lines().map(({ fence, kind }) => `${fence} ${kind}`)).toEqual(model.log);
      expect(scene.body.deeds.filter((deed) => /^(lock|immobilise) in motion/.test(deed))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
