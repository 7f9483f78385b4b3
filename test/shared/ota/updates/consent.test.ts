import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#shared/kernel/failure.ts';
import { isReleased, isUnderWay, type Update } from '#shared/ota/updates/update.ts';
import { UpdateService } from '#shared/ota/updates/update-service.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { aPersonId, aVehicleId } from '../../../contract/samples.ts';
import { MemoryUpdates } from './memory-updates.ts';
import { aCampaignId, anOffered, aRunningCampaign, now } from './updates.ts';

const minute = 60_000;
const accept = { kind: 'accept', from: now, to: now + 600 * minute } as const;

/** Two vehicles, each of which is offered two updates, and who owns them. */
class Scene {
  readonly vehicles = [aVehicleId(), aVehicleId()] as const;
  readonly campaigns = [aCampaignId(1), aCampaignId(2)] as const;
  readonly owners = new Map<VehicleId, { personId: ReturnType<typeof aPersonId>; since: number }>();
  readonly updates = new MemoryUpdates();
  readonly service: UpdateService;
  /** Those of an operator's fleet. */
  readonly shared = new Set<VehicleId>();
  time = now;

  constructor(schedule: <T>(work: Promise<T>) => Promise<T> = (work) => work) {
    for (const vehicleId of this.vehicles) {
      this.owners.set(vehicleId, { personId: aPersonId(), since: now - minute });
      this.campaigns.forEach((campaignId, place) => {
        const update = anOffered({ vehicleId, campaignId, softwareVersion: `${place + 5}.0.0` });
        this.updates.kept.set(`${vehicleId} ${campaignId}`, { ...update, ownerSince: now - minute });
      });
    }
    const { updates } = this;
    this.service = new UpdateService({
      updates: {
        ...{ add: updates.add, enlisted: updates.enlisted },
        load: (...of) => schedule(updates.load(...of)),
        ofVehicle: (vehicleId) => schedule(updates.ofVehicle(vehicleId)),
        save: (...what) => schedule(Promise.resolve()).then(() => updates.save(...what)),
        claim: (...what) => schedule(Promise.resolve()).then(() => updates.claim(...what)),
      },
      campaigns: { load: async (campaignId) => aRunningCampaign({ campaignId }) },
      releases: { load: async () => undefined },
      owners: { ownerOf: async (vehicleId) => this.owners.get(vehicleId) },
      shared: { among: async (ids) => new Set(ids.filter((id) => this.shared.has(id))) },
      clock: { now: () => this.time },
    });
  }

  /** The words of the screen, as the vehicle sent them. */
  onScreen(vehicle: number, campaign: number, { revision = 1, at = now } = {}) {
    const report = { kind: 'decision', campaignId: this.#campaign(campaign), decision: accept, revision, at } as const;
    return this.service.hear(this.vehicle(vehicle), report);
  }

  inApp(vehicle: number, campaign: number, kind: 'accept' | 'decline' | 'mute' = 'accept', revision = 1) {
    const vehicleId = this.vehicle(vehicle);
    const personId = this.owners.get(vehicleId)?.personId;
    if (personId === undefined) throw new Error('nobody owns it');
    const decision = kind === 'accept' ? accept : { kind };
    return this.service.decideAsOwner(vehicleId, this.#campaign(campaign), personId, decision, revision);
  }

  cancel(vehicle: number, campaign: number) {
    return this.service.cancel(this.vehicle(vehicle), this.#campaign(campaign), 'manager');
  }

  async changesHands(vehicle: number): Promise<void> {
    this.time += minute;
    this.owners.set(this.vehicle(vehicle), { personId: aPersonId(), since: this.time });
    await this.service.ownerChanged(this.vehicle(vehicle), this.time);
  }

  of(vehicle: number, campaign: number): Update {
    const update = this.updates.kept.get(`${this.vehicle(vehicle)} ${this.#campaign(campaign)}`);
    if (update === undefined) throw new Error('no such update');
    return update;
  }

  vehicle(place: number): VehicleId {
    return this.vehicles[place] ?? this.vehicles[0];
  }

  #campaign(place: number) {
    return this.campaigns[place] ?? this.campaigns[0];
  }
}

async function quietly(deed: Promise<unknown>): Promise<void> {
  try {
    await deed;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

const place = fc.integer({ min: 0, max: 1 });

test('scenario 8: a consent is bound to person, vehicle, version and campaign, whoever has given it where', async () => {
  await fc.assert(
    fc.asyncProperty(place, place, fc.boolean(), async (vehicle, campaign, isOnScreen) => {
      const scene = new Scene();
      await (isOnScreen ? scene.onScreen(vehicle, campaign) : scene.inApp(vehicle, campaign));
      const { state, softwareVersion, vehicleId } = scene.of(vehicle, campaign);
      expect(state).toMatchObject({
        ...{ status: 'accepted', consent: { by: isOnScreen ? 'driver' : 'owner', from: accept.from, to: accept.to } },
        consent: { personId: scene.owners.get(vehicleId)?.personId },
      });
      expect(softwareVersion).toBe(`${campaign + 5}.0.0`);
      const released = [...scene.updates.kept.values()].filter(isReleased);
      expect(released).toEqual([scene.of(vehicle, campaign)]);
      // The other person: of what was consented to for the former owner nothing holds.
      await scene.changesHands(vehicle);
      expect([...scene.updates.kept.values()].filter(isUnderWay)).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

type Deed = readonly [kind: 'decline' | 'mute' | 'cancel' | 'hands', replays: number];
const ends = fc.constantFrom<Deed[0]>('decline', 'mute', 'cancel', 'hands');

test('scenario 8: replayed after it was revoked, cancelled or lost its person, a consent does nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(ends, fc.nat(2)), { minLength: 1, maxLength: 5 }), async (deeds) => {
      const scene = new Scene();
      await scene.onScreen(0, 0);
      const words = [{ revision: 1, at: now }];
      for (const [kind, replays] of deeds) {
        const { revision } = scene.of(0, 0);
        if (kind === 'cancel') await quietly(scene.cancel(0, 0));
        else if (kind === 'hands') await scene.changesHands(0);
        else await quietly(scene.inApp(0, 0, kind, revision));
        const before = scene.of(0, 0);
        expect(isUnderWay(before), kind).toBe(false);
        for (let time = 0; time <= replays; time++) {
          for (const word of words) expect(await scene.onScreen(0, 0, word)).toBe('nothing-new');
          await quietly(scene.inApp(0, 0));
        }
        expect(scene.of(0, 0)).toBe(before);
      }
    }),
    { numRuns: 100 },
  );
});

test('scenario 8: of a consent and a cancel, a decline or a new owner at the same instant, in whatever order they are written, the consent never outlives the other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), ends, fc.boolean(), async (scheduler, kind, isOnScreen) => {
      const scene = new Scene((work) => scheduler.schedule(work));
      const consent = quietly(isOnScreen ? scene.onScreen(0, 0) : scene.inApp(0, 0));
      const other = quietly(
        kind === 'cancel' ? scene.cancel(0, 0) : kind === 'hands' ? scene.changesHands(0) : scene.inApp(0, 0, kind),
      );
      await scheduler.waitFor(Promise.all([consent, other]));
      const { state, story } = scene.of(0, 0);
      const told = story.map(({ what }) => what);
      if (kind === 'cancel') expect(state.status).toBe('cancelled');
      // Who consented at that instant was the former owner, or sat in their car.
      if (kind === 'hands') expect(isUnderWay(scene.of(0, 0))).toBe(false);
      // Of two decisions of one revision the first is the decision, and the second is told that the offer changed.
      if (kind === 'decline' || kind === 'mute') {
        expect(told.filter((what) => what === 'accepted' || what === 'declined' || what === 'muted')).toHaveLength(1);
      }
      for (const update of scene.updates.kept.values()) {
        if (update !== scene.of(0, 0)) expect(update.state.status).toBe('offered');
      }
    }),
    { numRuns: 150 },
  );
});

test('a car that has become a shared one asks its operator, and neither whoever sits in it nor its owner', async () => {
  const scene = new Scene();
  scene.shared.add(scene.vehicle(0));
  expect(await scene.onScreen(0, 0)).toBe('nothing-new');
  await expect(scene.inApp(0, 0)).rejects.toMatchObject({ code: 'operator-consents' });
  expect(isUnderWay(scene.of(0, 0))).toBe(false);
  const caller = { clientId: 'fleet', scopes: new Set<never>(), brands: [] };
  await scene.service.decideAsOperator(scene.vehicle(0), scene.of(0, 0).campaignId, caller, accept, 1);
  expect(scene.of(0, 0)).toMatchObject({ consentBy: 'operator', state: { status: 'accepted' } });
  expect(await scene.onScreen(1, 0)).toBe('taken');
});
