import { expect, test } from 'vitest';
import { ExpiryWatch, lastDays, nothingCounted, type WatchedVehicle } from '#shared/registry/expiry-watch.ts';
import { lapseTime } from '#shared/registry/rotation.ts';
import type { LifeCycle, Vehicle } from '#shared/registry/vehicle.ts';
import { aCertificate, aVehicle } from '../../contract/samples.ts';

const now = 10 * lastDays;

function aVehicleIn(lifeCycle: LifeCycle): Vehicle {
  return aVehicle({ lifeCycle });
}

function expiresIn(left: number): LifeCycle {
  return { status: 'active', certificate: aCertificate({ expiresAt: now + left }) };
}

/** A registry of these vehicles, two to a page. */
function watchOver(vehicles: readonly Vehicle[], clock: { time: number } = { time: now }) {
  const saved: Vehicle[] = [];
  const pages: (string | undefined)[] = [];
  const scan = {
    async page(from?: string) {
      pages.push(from);
      const at = Number(from ?? 0);
      const items: WatchedVehicle[] = vehicles.slice(at, at + 2);
      return { items, ...(at + 2 < vehicles.length && { next: String(at + 2) }) };
    },
  };
  const repository = {
    load: async (vehicleId: string) => vehicles.find((vehicle) => vehicle.vehicleId === vehicleId),
    save: async (vehicle: Vehicle) => saved.push(vehicle) > 0,
  };
  return { saved, pages, watch: new ExpiryWatch(scan, repository, { now: () => clock.time }) };
}

const fleet = [
  aVehicleIn(expiresIn(lastDays + 1)),
  aVehicleIn(expiresIn(lastDays)),
  aVehicleIn(expiresIn(1)),
  aVehicleIn(expiresIn(0)),
  aVehicleIn({ status: 'expected' }),
  aVehicleIn({ status: 'suspended', certificate: aCertificate({ expiresAt: 1 }) }),
];

test('active vehicles whose certificate expires within thirty days, or has expired, are counted', async () => {
  const { watch } = watchOver(fleet);
  const { count, from } = await watch.watch({ count: nothingCounted }, () => true);
  expect({ count, from }).toEqual({ count: { vehicles: 4, expiring: 2, expired: 1 }, from: undefined });
});

test('time that runs back finds them valid again', async () => {
  const clock = { time: now + 2 * lastDays };
  const { watch } = watchOver(fleet, clock);
  expect((await watch.watch({ count: nothingCounted }, () => true)).count).toMatchObject({ expiring: 0, expired: 4 });
  clock.time = 0;
  expect((await watch.watch({ count: nothingCounted }, () => true)).count).toMatchObject({ expiring: 0, expired: 0 });
});

test('a run that has no time left goes on where it was, and counts nobody twice', async () => {
  const { watch, pages } = watchOver(fleet);
  let progress = await watch.watch({ count: nothingCounted }, () => false);
  for (let run = 0; progress.from !== undefined && run < 9; run += 1)
    progress = await watch.watch(progress, () => false);
  expect(progress).toEqual({ count: { vehicles: 4, expiring: 2, expired: 1 } });
  expect(pages).toEqual([undefined, '2', '4']);
});

test('a change that nobody confirmed for a week ends, and a younger one goes on', async () => {
  const next = (reservedAt: number) => ({
    certificate: aCertificate({ certificateId: 'next' }),
    reservedAt,
    replaced: [],
  });
  const own = { status: 'active', certificate: aCertificate({ expiresAt: now * 2 }) } as const;
  const old = aVehicleIn({ ...own, next: next(now - lapseTime) });
  const { watch, saved } = watchOver([old, aVehicleIn({ ...own, next: next(now - lapseTime + 1) })]);
  await watch.watch({ count: nothingCounted }, () => true);
  expect(saved).toMatchObject([{ vehicleId: old.vehicleId, lifeCycle: own }]);
});
