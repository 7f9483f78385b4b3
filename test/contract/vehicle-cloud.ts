import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MovableClock } from '#local/clock.ts';
import { eventually } from '#local/tour/telling.ts';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Rollouts } from '#shared/ota/campaigns/ports.ts';
import type { PlatformTwins, TwinRepository } from '#shared/twins/twin-repository.ts';
import type { DeviceMessage, DeviceMessages } from '#shared/vehicle-cloud/device-messages.ts';
import type { ContractCar } from '../support/contract-car.ts';
import { twinContract } from './device-twins.ts';

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

    describe('twins', () => twinContract(() => cloud));
    describe('a vehicle', () => vehiclePromises(() => cloud));
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
    await car.isKnown();
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
  }, 90_000);
}

/** The vehicle itself would still do it: whether it comes to hear of it is the device cloud's affair. */
function flash(commandId: string, expiresAt: number, mode: DeviceMessage['mode'] = 'queued'): DeviceMessage {
  const payload = { commandId, name: 'lamps.flash', parameters: {}, issuedAt: Date.now(), expiresAt: Date.now() + 1e9 };
  return { channel: 'commands', messageId: commandId, payload, expiresAt, mode };
}
