import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MovableClock } from '#local/clock.ts';
import { eventually } from '#local/tour/telling.ts';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Rollouts } from '#shared/ota/campaigns/ports.ts';
import { isSettings } from '#shared/twins/twin.ts';
import type { PlatformTwins, TwinRepository } from '#shared/twins/twin-repository.ts';
import type { DeviceMessage, DeviceMessages } from '#shared/vehicle-cloud/device-messages.ts';
import type { ContractCar } from '../support/contract-car.ts';
import { aVehicleId } from './samples.ts';

/** A device cloud behind the port, and a vehicle that is at home there. */
export interface DeviceCloud {
  readonly twins: TwinRepository & PlatformTwins;
  readonly messages: DeviceMessages;
  readonly rollouts: Pick<Rollouts, 'join' | 'leave'>;
  /** Whose rollout is open. */
  readonly campaignId: CampaignId;
  shutOut(): Promise<void>;
  letIn(): Promise<void>;
  readonly car: ContractCar;
  readonly clock: MovableClock;
  /** What the port leaves open, so that nobody behind it may count on either. */
  readonly differs: {
    /** Keeps wishes for vehicles that have never come: whoever writes has asked the registry before. */
    readonly takesStrangers: boolean;
    /** Late calls are told by their number; otherwise whoever calls keeps the order. */
    readonly numbersWhatIsShown: boolean;
    /** The domain reads again, and finds the same wishes. */
    readonly reportsMoveRevisions: boolean;
    /** Until they expire; otherwise they are dropped where nobody is there. */
    readonly keepsLiveMessages: boolean;
  };
  close(): Promise<void>;
}

const minute = 60_000;

/** What the domain relies upon, in whichever device cloud a vehicle is at home. */
export function vehicleCloudContract(name: string, open: () => Promise<DeviceCloud>): void {
  describe(`the port to a device cloud, kept by ${name}`, () => {
    let cloud: DeviceCloud;
    beforeAll(async () => {
      cloud = await open();
      await cloud.car.come();
    }, 60_000);
    afterAll(() => cloud.close());

    describe('twins', () => twinPromises(() => cloud));
    describe('a vehicle', () => vehiclePromises(() => cloud));
  });
}

function twinPromises(open: () => DeviceCloud): void {
  const load = async (twin: string) => {
    const { twins, car } = open();
    const found = await twins.load(car.vehicleId, twin);
    if (found === undefined) throw new Error(`no ${twin}`);
    return found;
  };
  const patch = (twin: string, settings: Parameters<TwinRepository['patchDesired']>[2], revision?: string) =>
    open().twins.patchDesired(open().car.vehicleId, twin, settings, revision);

  test('what nobody has said anything of is not there', async () => {
    expect(await open().twins.load(open().car.vehicleId, 'nothing')).toBeUndefined();
    expect(await open().twins.load(aVehicleId(), 'nothing')).toBeUndefined();
  });

  test('a wish merges: objects by their members, lists as a whole, and a null takes away', async () => {
    expect(await patch('merged', { seat: { heat: 2, cool: 0 }, days: [1, 2], blower: 3 })).toBe(true);
    expect(await patch('merged', { seat: { heat: null, memory: { left: 1 } }, days: [5], blower: null })).toBe(true);
    expect((await load('merged')).desired).toEqual({ seat: { cool: 0, memory: { left: 1 } }, days: [5] });
    expect(await patch('merged', null)).toBe(true);
    expect(await load('merged')).toMatchObject({ desired: {}, reported: {} });
  });

  test('each value has the instant at which it was wished or reported', async () => {
    const { clock, car } = open();
    const before = clock.now();
    await patch('dated', { seat: { heat: 2 }, blower: 3 });
    await car.report('dated', { blower: 1 });
    const { desiredAt, reportedAt, reported } = await load('dated');
    expect(reported).toEqual({ blower: 1 });
    const instants = [desiredAt['blower'], reportedAt['blower']];
    if (isSettings(desiredAt['seat'])) instants.push(desiredAt['seat']['heat']);
    expect(instants).toHaveLength(3);
    // In whole seconds, where a device cloud counts so.
    for (const instant of instants) {
      expect(instant).toBeGreaterThan(before - 1_000);
      expect(instant).toBeLessThanOrEqual(clock.now());
    }
  });

  test('a wish that was made of something else changes nothing; what happens in other twins is no hindrance', async () => {
    const { car, differs } = open();
    await patch('revised', { blower: 1 });
    const { revision } = await load('revised');
    await patch('beside', { limit: 80 });
    await car.report('beside', { limit: 80 });
    expect(await patch('revised', { blower: 2 }, revision)).toBe(true);
    expect(await patch('revised', { blower: 3 }, revision)).toBe(false);
    const seen = await load('revised');
    expect(seen.desired).toEqual({ blower: 2 });
    await car.report('revised', { blower: 2 });
    expect((await load('revised')).revision !== seen.revision).toBe(differs.reportsMoveRevisions);
    expect(await patch('revised', { blower: 4 }, (await load('revised')).revision)).toBe(true);
  });

  test('of two who write at once on what both have seen one wins, and no wish is lost unseen', async () => {
    await patch('contended', { blower: 0 });
    const { revision } = await load('contended');
    const done = await Promise.all([1, 2].map((blower) => patch('contended', { blower }, revision)));
    expect(done.filter(Boolean)).toHaveLength(1);
    expect((await load('contended')).desired).toEqual({ blower: done.indexOf(true) + 1 });
    await Promise.all(['left', 'right'].map((side) => untilTaken(() => patch('contended', { [side]: 1 }))));
    expect((await load('contended')).desired).toMatchObject({ left: 1, right: 1 });
  });

  test.each([
    ['too deep', { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } }, 'twin-not-acceptable'],
    ['a strange name', { 'seat.left': 1 }, 'twin-not-acceptable'],
    ['a list with a hole', { days: [1, null] }, 'twin-not-acceptable'],
    ['too long a text', { note: 'x'.repeat(5_000) }, 'twin-not-acceptable'],
    ['too much at once', { one: 'x'.repeat(4_000), two: 'y'.repeat(4_000), three: 'z'.repeat(400) }, 'twin-too-large'],
    ['too much together with what is there', { more: 'y'.repeat(4_000) }, 'twin-too-large'],
  ])('%s is the same failure everywhere, and changes nothing', async (title, settings, code) => {
    const twin = title.replaceAll(' ', '-');
    const there = { one: 'x'.repeat(4_000), small: { size: 'x'.repeat(200) } };
    await patch(twin, there);
    await expect(patch(twin, settings)).rejects.toMatchObject({ code });
    expect((await load(twin)).desired).toEqual(there);
    // Each twin counts for itself, and all of them for the vehicle.
    await patch(twin, null);
  });

  test('a vehicle that is not known there is not provisioned, or the wish waits for it', async () => {
    const { twins, differs } = open();
    const stranger = aVehicleId();
    const asked = twins.patchDesired(stranger, 'climate', { blower: 1 });
    if (!differs.takesStrangers) {
      await expect(asked).rejects.toMatchObject({ kind: 'conflict', code: 'vehicle-not-provisioned' });
    } else expect(await asked).toBe(true);
    expect((await twins.load(stranger, 'climate'))?.desired).toEqual(
      differs.takesStrangers ? { blower: 1 } : undefined,
    );
  });

  test('what the platform shows twice is shown once, and late only where the caller keeps the order', async () => {
    const { twins, car, differs } = open();
    const offers = async () => (await load('shown')).desired['offer'];
    const show = (id: number) => twins.show(car.vehicleId, 'shown', [{ offer: null }, { offer: { id } }], id);
    for (const id of [2, 2]) await show(id);
    expect(await offers()).toEqual({ id: 2 });
    await show(1);
    expect(await offers()).toEqual({ id: differs.numbersWhatIsShown ? 2 : 1 });
    await show(3);
    expect(await offers()).toEqual({ id: 3 });
  });
}

function vehiclePromises(open: () => DeviceCloud): void {
  const send = (message: DeviceMessage) => open().messages.send(open().car.vehicleId, message, open().clock.now());
  const heard = (...ids: readonly string[]) =>
    eventually(
      `${ids} heard`,
      () => open().car.heard,
      (all) => ids.every((id) => all.includes(id)),
      20_000,
    );

  test('that is there gets a message, live or queued, and once where it is sent twice', async () => {
    const live = flash('there-live', open().clock.now() + minute, 'live');
    for (const message of [live, live, flash('there-queued', open().clock.now() + minute)]) await send(message);
    await heard('there-live', 'there-queued');
    expect(open().car.heard.filter((id) => id === 'there-live')).toHaveLength(1);
  });

  test('sees that it has joined a rollout, and that it has left it', async () => {
    const { rollouts, campaignId, car } = open();
    const isReleased = () => car.rollout?.isReleased(campaignId);
    expect(isReleased()).toBe(false);
    // Each may come twice.
    for (const _ of [1, 2]) await rollouts.join(campaignId, car.vehicleId, { closed: false, order: 1 });
    await eventually('joined', isReleased, (released) => released === true);
    for (const _ of [1, 2]) await rollouts.leave(campaignId, car.vehicleId, { closed: false, order: 2 });
    await eventually('left', isReleased, (released) => released === false);
  });

  test('that is shut out loses its line and gets none, until it is let in again', async () => {
    const { car } = open();
    await open().shutOut();
    await eventually(
      'offline',
      () => car.isOnline,
      (online) => !online,
    );
    // Each may come twice.
    await open().shutOut();
    for (const _ of [1, 2]) await open().letIn();
    await eventually(
      'online',
      () => car.isOnline,
      (online) => online,
      30_000,
    );
  });

  test('that was away finds what was wished and what still waits for it, and nothing that has expired', async () => {
    const { car, clock, differs } = open();
    await car.go();
    const [soon, later] = [clock.now() + 30_000, clock.now() + 60 * minute];
    await send(flash('away-live', later, 'live'));
    await send(flash('away-expired', soon));
    await send(flash('away-live-expired', soon, 'live'));
    await open().twins.patchDesired(car.vehicleId, 'wished-away', { blower: 7 });
    clock.runAhead(clock.ahead + minute);
    await send(flash('away-queued', later));
    await car.come();
    await heard('away-queued');
    const kept = differs.keepsLiveMessages ? ['away-live', 'away-queued'] : ['away-queued'];
    expect(car.heard.filter((id) => id.startsWith('away')).toSorted()).toEqual(kept);
    const found = () => car.wishes.find(({ twin }) => twin === 'wished-away')?.desired;
    expect(await eventually('the wish', found, (wish) => wish !== undefined)).toEqual({ blower: 7 });
  });
}

/** The vehicle itself would still do it: whether it comes to hear of it is the device cloud's affair. */
function flash(commandId: string, expiresAt: number, mode: DeviceMessage['mode'] = 'queued'): DeviceMessage {
  const payload = { commandId, name: 'lamps.flash', parameters: {}, issuedAt: Date.now(), expiresAt: Date.now() + 1e9 };
  return { channel: 'commands', messageId: commandId, payload, expiresAt, mode };
}

/** A device cloud may ask one of two to come again. */
async function untilTaken(write: () => Promise<unknown>): Promise<void> {
  await eventually(
    'taken',
    () =>
      write().then(
        () => undefined,
        (error: unknown) => error,
      ),
    (refused) => refused === undefined,
  );
}
