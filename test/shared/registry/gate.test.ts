import { describe, expect, test } from 'vitest';
import { standing } from '#shared/registry/gate.ts';
import { GateService } from '#shared/registry/gate-service.ts';
import { homeName } from '#shared/registry/home.ts';
import type { PresenceEvent } from '#shared/registry/presence.ts';
import { type LifeCycle, reactivated, retired, suspended, type Vehicle } from '#shared/registry/vehicle.ts';
import type { VehicleRepository } from '#shared/registry/vehicle-repository.ts';
import { aCertificate, aVehicle } from '../../contract/samples.ts';

const certificate = aCertificate({ certificateId: 'mine' });
const inState = (lifeCycle: LifeCycle) => aVehicle({ lifeCycle });
const active = inState({ status: 'active', certificate });

describe('a certificate', () => {
  test.each<readonly [string, LifeCycle, string, string]>([
    ['the holder’s opens its vehicle', { status: 'active', certificate }, 'mine', 'ACTIVE'],
    ['the reserved one may connect for the first time', provisioned(), 'mine', 'ACTIVE'],
    ['a suspended vehicle’s rests', { status: 'suspended', certificate }, 'mine', 'INACTIVE'],
    ['a retired vehicle’s is over', { status: 'retired', certificate }, 'mine', 'REVOKED'],
    ['a former one of an active vehicle is over', { status: 'active', certificate }, 'former', 'REVOKED'],
    ['a former one of a reserved vehicle is over', provisioned(), 'former', 'REVOKED'],
    ['a former one of a suspended vehicle is over', { status: 'suspended', certificate }, 'former', 'REVOKED'],
    ['any of a vehicle that holds none is over', { status: 'expected' }, 'mine', 'REVOKED'],
    ['any of a vehicle that retired without one is over', { status: 'retired' }, 'mine', 'REVOKED'],
  ])('%s', (_, lifeCycle, certificateId, status) => {
    expect(standing(inState(lifeCycle), certificateId)).toBe(status);
  });
});

function provisioned(): LifeCycle {
  return { status: 'provisioned', certificate, reservedUntil: 600_000 };
}

/** A gate whose registry says, look by look, what it is given; the last word stays. */
function gateBefore(...later: readonly Vehicle[]) {
  const words = [...later];
  const done: string[] = [];
  const never = () => Promise.reject(new Error('not part of the story'));
  const vehicles: VehicleRepository = {
    erased: async () => undefined,
    ...{ findByVin: never, register: never, search: never, save: never },
    load: async () => (words.length > 1 ? words.shift() : words[0]),
  };
  const access = {
    setCertificate: async (_: unknown, id: string, status: string) => void done.push(`${id} ${status}`),
    disconnect: async () => void done.push('disconnect'),
  };
  return { gate: new GateService(vehicles, access), done };
}

function connectionOf({ vehicleId }: Vehicle, changes: Partial<PresenceEvent> = {}): PresenceEvent {
  const session = { sessionId: 's', connection: 1, at: 1 };
  return { vehicleId, kind: 'connected', ...session, certificateId: 'mine', ...changes };
}

describe('a connection', () => {
  test('of a vehicle with its own certificate stays, and costs no call', async () => {
    const { gate, done } = gateBefore();
    expect(await gate.watch(active, connectionOf(active))).toBe('let-in');
    expect(done).toEqual([]);
  });

  test('of a suspended vehicle ends, and its certificate rests', async () => {
    const vehicle = suspended(active, 2);
    const { gate, done } = gateBefore(vehicle);
    expect(await gate.watch(vehicle, connectionOf(vehicle))).toBe('cut-off');
    expect(done).toEqual(['mine INACTIVE', 'disconnect']);
  });

  test('of a retired vehicle ends for good', async () => {
    const vehicle = retired(active, 2);
    const { gate, done } = gateBefore(vehicle);
    expect(await gate.watch(vehicle, connectionOf(vehicle))).toBe('cut-off');
    expect(done).toEqual(['mine REVOKED', 'disconnect']);
  });

  test('with a former certificate costs that certificate, and never the connection there is now', async () => {
    const { gate, done } = gateBefore(active);
    expect(await gate.watch(active, connectionOf(active, { certificateId: 'former' }))).toBe('cut-off');
    expect(done).toEqual(['former REVOKED']);
  });

  test('that has ended needs no cutting off', async () => {
    const vehicle = retired(active, 2);
    const { gate, done } = gateBefore(vehicle);
    expect(await gate.watch(vehicle, connectionOf(vehicle, { kind: 'disconnected' }))).toBe('let-in');
    expect(done).toEqual([]);
  });

  test('of a vehicle that was reactivated meanwhile leaves it a certificate that opens', async () => {
    const vehicle = suspended(active, 2);
    const { gate, done } = gateBefore(reactivated(vehicle, 3));
    await gate.watch(vehicle, connectionOf(vehicle));
    expect(done).toEqual(['mine INACTIVE', 'disconnect', 'mine ACTIVE']);
  });

  test('of a vehicle that was reactivated and retired meanwhile leaves nothing open', async () => {
    const vehicle = suspended(active, 2);
    const { gate, done } = gateBefore(reactivated(vehicle, 3), retired(active, 4));
    await gate.watch(vehicle, connectionOf(vehicle));
    expect(done).toEqual(['mine INACTIVE', 'disconnect', 'mine ACTIVE', 'mine REVOKED', 'disconnect']);
  });
});

describe('a connection whose certificate nobody names', () => {
  const home = { name: homeName('elsewhere'), epoch: 1 };
  const unnamed = ({ vehicleId }: Vehicle): PresenceEvent => ({
    vehicleId,
    kind: 'connected',
    at: 1,
    home,
    sequence: '1',
  });

  test('of a vehicle that may connect stays', async () => {
    const vehicle = inState(provisioned());
    const { gate, done } = gateBefore();
    expect(await gate.watch(vehicle, unnamed(vehicle))).toBe('let-in');
    expect(done).toEqual([]);
  });

  test('of a vehicle that is shut out ends, as of its own certificate', async () => {
    const vehicle = suspended(active, 2);
    const { gate, done } = gateBefore(vehicle);
    expect(await gate.watch(vehicle, unnamed(vehicle))).toBe('cut-off');
    expect(done).toEqual(['mine INACTIVE', 'disconnect']);
  });
});
