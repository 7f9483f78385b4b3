import { describe, expect, test } from 'vitest';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import type { JourneyCloud } from './journey-cloud.ts';
import { hub, MovedVehicle } from './moved-vehicle.ts';

/** A vehicle that was told to go, finds nobody there, and stays: because it was called back, or shut out. */
export function movesTakenBack(open: () => JourneyCloud): void {
  let moved: MovedVehicle;
  const known = () => open().cloud.azure?.hub.identities.find(moved.vehicleId)?.status;
  /** Every certificate with which it has ever got in at AWS IoT. */
  const doors = () =>
    open()
      .cloud.iot.registry.certificates.list()
      .filter(({ things }) => things.includes(moved.vehicleId))
      .map(({ status }) => status);
  const under = (change: string) => open().journey.operator.post(`${moved.path}/${change}`, undefined);
  const shutOut = async () => {
    await moved.eventuallyIs(undefined);
    expect(await moved.seen()).toMatchObject({ lastMove: { to: hub, reason: 'shut-out' } });
    await eventually('a door that is shut', doors, (all) => all.every((status) => status !== 'ACTIVE'), 20_000);
    expect(known()).toBeUndefined();
    moved.way.isBlocked = false;
    const connected = async () => at(await moved.seen(), 'connection', 'connected');
    await eventually('offline', connected, (is) => is === false, 20_000);
    expect(moved.vehicle.presence.status).not.toBe('online');
  };

  describe('a vehicle that has been told to go, and has not arrived', () => {
    test('stays where it is and works there, once it was called back', async () => {
      moved = await MovedVehicle.online(open(), { ...golf, vin: 'WVWZZZAUZLW000011' });
      moved.way.isBlocked = true;
      expect(await moved.send(hub)).toMatchObject({ status: 202 });
      await eventually(
        'its departure',
        () => moved.vehicle.home,
        (place) => place?.name === hub,
        30_000,
      );
      expect(known()).toBe('enabled');
      expect(await moved.callBack()).toMatchObject({ status: 202 });
      await moved.eventuallyIs(undefined);
      expect(await moved.seen()).toMatchObject({ lastMove: { to: hub, reason: 'called-back' } });
      expect(known()).toBeUndefined();
      expect(await moved.flash()).toMatchObject({ status: 200, body: { status: 'succeeded' } });
      expect(moved.vehicle.home).toBeUndefined();
    }, 120_000);

    test('gets in nowhere once it is suspended, and its move ends; reactivated, it is where it was', async () => {
      expect(await moved.send(hub)).toMatchObject({ status: 202 });
      await moved.eventuallyIs('told');
      expect((await under('suspend')).status).toBe(200);
      await shutOut();
      expect((await under('reactivate')).status).toBe(200);
      await moved.online();
      expect(await moved.flash()).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    }, 120_000);

    test('gets in nowhere once it is retired, and its move ends', async () => {
      moved.way.isBlocked = true;
      expect(await moved.send(hub)).toMatchObject({ status: 202 });
      await moved.eventuallyIs('told');
      expect((await under('retire')).status).toBe(200);
      await shutOut();
    }, 120_000);
  });
}
