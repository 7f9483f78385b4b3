import { expect, test } from 'vitest';
import type { Campaign } from '#shared/ota/campaigns/campaign.ts';
import type { OfferedRelease } from '#shared/ota/campaigns/offered-release.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import { VehicleOffers } from '#shared/ota/updates/vehicle-offers.ts';
import { VehicleWord } from '#shared/registry/vehicle-word.ts';
import { aBrand } from '../../contract/samples.ts';
import { CarLog, TripScene } from '../../support/trip-scene.ts';
import { aCampaignId, anOffered, anUpdate, aRunningCampaign, now } from '../ota/updates/updates.ts';

const release: OfferedRelease = {
  ...{ releaseId: 'rel-1', brand: aBrand(), softwareVersion: '5.0.0', texts: {}, minutes: 10, bytes: 1 },
  ...{ preconditions: [], images: [], approved: true },
};

/** What is said of the updates and of the sharing of one vehicle. */
async function saidOf(updates: readonly Update[], scene = new TripScene(), campaign: Partial<Campaign> = {}) {
  const said: unknown[] = [];
  const offers = new VehicleOffers({
    updates: { ofVehicle: async () => updates },
    campaigns: { load: async () => aRunningCampaign(campaign) },
    releases: { load: async () => release },
    rollouts: { join: async (campaignId, _, terms) => void said.push({ joins: campaignId, ...terms }) },
    channel: { show: async (_, desired, replaces, order) => void said.push({ ...desired, replaces, order }) },
  });
  const { trips, bookings, clock, vehicleId } = scene;
  const word = new VehicleWord({
    ...{ offers, trips, bookings, clock },
    statements: { call: async (call) => void said.push(call) },
    orders: { end: async (_, reservationId) => void said.push({ ends: reservationId }) },
  });
  await word.sayAgain(vehicleId);
  return said;
}

test('a vehicle that nobody has anything to say to is told nothing', async () => {
  expect(await saidOf([])).toEqual([]);
});

test('a vehicle is shown its offer as it stands, in the order in which it was said before', async () => {
  const [offer, ...rest] = await saidOf([anOffered({ version: 4 })]);
  expect(offer).toMatchObject({ offer: { state: { status: 'offered' } }, replaces: false, order: 5 });
  expect(rest).toEqual([]);
});

test('an offer that is over is taken away, also where what the vehicle sees may be of another campaign', async () => {
  const over = anUpdate({ state: { status: 'cancelled', by: 'planner' }, version: 3 });
  expect(await saidOf([over])).toEqual([{ offer: null, replaces: false, order: 3 }]);
  const [offer] = await saidOf([over, anOffered({ campaignId: aCampaignId(1), version: 4 })]);
  expect(offer).toMatchObject({ offer: { campaignId: aCampaignId(1) }, replaces: true, order: 8 });
});

test('a vehicle may go on with what it has consented to, and with nothing else', async () => {
  const consent = { by: 'owner', at: now, from: now, to: now } as const;
  const accepted = anUpdate({ state: { status: 'accepted', consent }, version: 6 });
  const [, ...joins] = await saidOf([accepted, anOffered({ campaignId: aCampaignId(1) })]);
  expect(joins).toEqual([{ joins: accepted.campaignId, closed: false, order: 6 }]);
  const [, closed] = await saidOf([accepted], undefined, { state: { status: 'closed', at: now } });
  expect(closed).toEqual({ joins: accepted.campaignId, closed: true, order: 6 });
});

test('a shared vehicle is told which keys open it, and to end the trip of whom it was taken from', async () => {
  const scene = await new TripScene().open();
  const { vehicleId } = scene;
  expect(await saidOf([], scene)).toEqual([{ kind: 'vehicle', vehicleId }]);
  const car = new CarLog(vehicleId);
  const ada = await scene.driver();
  const reservationId = await scene.hold(ada);
  await scene.key(ada, reservationId);
  await scene.take(car.line({ fence: 1, reservationId }, 'started', scene.clock.now()));
  expect(await saidOf([], scene)).toEqual([{ kind: 'vehicle', vehicleId }]);
  await scene.bookings.forceEnd(vehicleId);
  await scene.read();
  expect(await saidOf([], scene)).toEqual([{ kind: 'vehicle', vehicleId }, { ends: reservationId }]);
});
