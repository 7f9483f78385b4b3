import { expect, test } from 'vitest';
import type { Campaign } from '#shared/ota/campaigns/campaign.ts';
import { ReleasedUpdates } from '#shared/ota/director/campaign-gate.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import { type BookedVehicle, expiryGuard } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { BookingStep } from '#shared/sharing/bookings/booking-repository.ts';
import { installationOn } from '#shared/sharing/bookings/installation.ts';
import { InstallationService } from '#shared/sharing/bookings/installation-service.ts';
import { enteredService } from '#shared/sharing/bookings/service-state.ts';
import { aVehicleId } from '../../../contract/samples.ts';
import { aBookedVehicle, anAssignment } from '../../../support/booking-samples.ts';
import { aCampaignId } from '../../../support/reporting-vehicle.ts';

const now = 1_800_000_000_000;
const campaignId = aCampaignId();
const campaigns = {
  running: { status: 'running', since: 1 },
  closed: { status: 'closed', at: 1 },
  paused: { status: 'paused', since: 1, by: 'somebody' },
  stopped: { status: 'stopped', since: 1, by: 'somebody' },
  cancelled: { status: 'cancelled', at: 1, by: 'somebody' },
} satisfies Record<string, Campaign['state']>;
const updates = {
  offered: { status: 'offered' },
  accepted: { status: 'accepted', consent: { by: 'owner', at: 1, from: 1, to: 2 } },
  installed: { status: 'installed' },
} satisfies Record<string, Update['state']>;

/** One that nobody shares, unless it is given. */
class SharedCar {
  booked: BookedVehicle | undefined;
  /** Somebody writes between the look and the save. */
  meanwhile: ((vehicle: BookedVehicle) => BookedVehicle) | undefined;

  constructor(vehicle?: BookedVehicle) {
    this.booked = vehicle;
  }

  async vehicle() {
    return this.booked;
  }

  async save({ vehicle: change }: BookingStep) {
    if (this.meanwhile !== undefined && this.booked !== undefined) this.booked = this.meanwhile(this.booked);
    this.meanwhile = undefined;
    if (change === undefined || this.booked?.version !== change.seen) return false;
    this.booked = change.next;
    return true;
  }
}

/** In the workshop, its last trip long over. */
function aSharedCar(changes: Partial<BookedVehicle> = {}): BookedVehicle {
  return aBookedVehicle({ state: 'non_operational', outOfService: 'maintenance', fence: 3, admits: 4, ...changes });
}

const install = (shared: SharedCar) => word('running', 'accepted', 'install', shared);

const word = async (
  campaign: keyof typeof campaigns,
  update: keyof typeof updates,
  purpose: 'download' | 'install' = 'download',
  shared = new SharedCar(),
) => {
  const gate = new ReleasedUpdates(
    { load: async () => ({ state: campaigns[campaign] }) },
    { load: async () => ({ state: updates[update], releaseId: 'rel' }) },
    new InstallationService(shared),
  );
  const answer = await gate.ask(aVehicleId(), campaignId, purpose, now);
  return answer.kind === 'refused' ? answer.reason : answer.kind;
};

test('a vehicle gets what its campaign has released to it, and nothing before or afterwards', async () => {
  expect(await word('running', 'accepted')).toBe('released');
  expect(await word('closed', 'accepted', 'install')).toBe('released');
  expect(await word('running', 'offered')).toBe('not-released');
  expect(await word('running', 'installed', 'install')).toBe('not-released');
  expect(await word('cancelled', 'accepted')).toBe('not-released');
});

test('paused, nothing more begins to be downloaded; stopped, nothing more begins to be installed', async () => {
  expect(await word('paused', 'accepted', 'download')).toBe('paused');
  expect(await word('paused', 'accepted', 'install')).toBe('released');
  expect(await word('stopped', 'accepted', 'download')).toBe('stopped');
  expect(await word('stopped', 'accepted', 'install')).toBe('stopped');
});

test('a shared vehicle installs out of service alone; it may download wherever it is', async () => {
  for (const state of ['available', 'reserved', 'stopped', 'on_trip'] as const) {
    const car = new SharedCar(aSharedCar({ state }));
    expect(await install(car)).toBe('in-service');
    expect(await word('running', 'accepted', 'download', car)).toBe('released');
  }
  for (const state of ['non_operational', 'removed'] as const) {
    expect(await install(new SharedCar(aSharedCar({ state })))).toBe('released');
  }
  // Silent for a while, it is where it was.
  const silent = aSharedCar({ state: 'non_contactable', former: ['available'] });
  expect(await install(new SharedCar(silent))).toBe('in-service');
  expect(await install(new SharedCar({ ...silent, former: ['removed'] }))).toBe('released');
});

test('a shared vehicle installs nothing while somebody holds it, drives it or still has its key', async () => {
  const held = aSharedCar({ assignment: anAssignment() });
  expect(await install(new SharedCar(held))).toBe('in-service');
  expect(await install(new SharedCar({ ...held, assignment: { ...anAssignment(), startedAt: now } }))).toBe(
    'in-service',
  );
  const keyed = aSharedCar({ admits: 3, barredUntil: now });
  expect(await install(new SharedCar(keyed))).toBe('in-service');
  expect(await install(new SharedCar({ ...keyed, barredUntil: now - expiryGuard - 1 }))).toBe('released');
  expect(await install(new SharedCar({ ...keyed, admits: 4 }))).toBe('released');
});

test('what the Director says is written down before it is said, and who writes first decides', async () => {
  const car = new SharedCar(aSharedCar());
  expect(await install(car)).toBe('released');
  expect(car.booked && installationOn(car.booked, now + 60_000)).toBe(campaignId);
  expect(car.booked && installationOn(car.booked, now + 3 * 3_600_000)).toBeUndefined();
  const contended = new SharedCar(aSharedCar());
  contended.meanwhile = (vehicle) => ({ ...vehicle, state: 'available', version: vehicle.version + 1 });
  expect(await install(contended)).toBe('in-service');
  expect(contended.booked?.installing).toBeUndefined();
});

test('it comes back into service when the installation is over, and not before', async () => {
  const car = new SharedCar(aSharedCar());
  await install(car);
  const { booked } = car;
  if (booked === undefined) throw new Error('nothing was written');
  expect(() => enteredService(booked, booked, now + 60_000)).toThrow('installing an update');
  const installations = new InstallationService(car);
  await installations.end(aVehicleId(), aCampaignId());
  expect(car.booked?.installing?.campaignId).toBe(campaignId);
  await installations.end(aVehicleId(), campaignId);
  expect(enteredService(car.booked ?? booked, booked, now + 60_000)?.state).toBe('available');
});
