import { describe, expect, test } from 'vitest';
import { admission, reservationTime } from '#shared/registry/admission.ts';
import { type Consequence, consequences } from '#shared/registry/consequences.ts';
import { confirmed, reactivated, retired, suspended, type Vehicle, withSoftware } from '#shared/registry/vehicle.ts';
import { aCertificate, aVehicle } from '../../contract/samples.ts';

const mine = aCertificate({ certificateId: 'mine', deviceKeySha256: '1'.repeat(64) });
const expected = aVehicle();
const provisioned = admitted(expected, mine, 0);
const active = confirmed(provisioned, 'mine', 1);

function admitted(vehicle: Vehicle, certificate: typeof mine, now: number): Vehicle {
  const decision = admission(vehicle, certificate, now);
  if (!decision.admitted) throw new Error(decision.reason);
  return decision.vehicle;
}

const told = (found: readonly Consequence[]) =>
  found.flatMap((one) => (one.kind === 'announce' ? [one.event.name] : []));
const done = (found: readonly Consequence[]) => found.filter((one) => one.kind !== 'announce');

describe('what follows', () => {
  test('from suspension: the certificate becomes inactive, and the vehicle is cut off', () => {
    const found = consequences(active, suspended(active, 2));
    expect(done(found)).toEqual([
      { kind: 'set-certificate', certificateId: 'mine', status: 'INACTIVE' },
      { kind: 'disconnect' },
    ]);
    expect(told(found)).toEqual(['VehicleSuspended']);
  });

  test('from reactivation: the certificate becomes active', () => {
    const before = suspended(active, 2);
    const found = consequences(before, reactivated(before, 3));
    expect(done(found)).toEqual([{ kind: 'set-certificate', certificateId: 'mine', status: 'ACTIVE' }]);
    expect(told(found)).toEqual(['VehicleReactivated']);
  });

  test('from retirement: the certificate is revoked for good, and the vehicle is cut off', () => {
    const found = consequences(active, retired(active, 2));
    expect(done(found)).toEqual([
      { kind: 'set-certificate', certificateId: 'mine', status: 'REVOKED' },
      { kind: 'disconnect' },
    ]);
    expect(told(found)).toEqual(['VehicleRetired']);
  });

  test('from a reservation that another key took over: the former certificate is revoked and cut off', () => {
    const theirs = aCertificate({ certificateId: 'theirs', deviceKeySha256: '2'.repeat(64) });
    const found = consequences(provisioned, admitted(provisioned, theirs, reservationTime));
    expect(done(found)).toEqual([
      { kind: 'set-certificate', certificateId: 'mine', status: 'REVOKED' },
      { kind: 'disconnect' },
    ]);
    expect(told(found)).toEqual([]);
  });

  test('from the same key asking again: the former certificate is revoked, the connection stays', () => {
    const found = consequences(provisioned, admitted(provisioned, { ...mine, certificateId: 'again' }, 1));
    expect(done(found)).toEqual([{ kind: 'set-certificate', certificateId: 'mine', status: 'REVOKED' }]);
  });

  test('from the ordinary course of things: words alone', () => {
    expect(told(consequences(undefined, expected))).toEqual(['VehicleRegistered']);
    expect(told(consequences(expected, provisioned))).toEqual(['VehicleProvisioned']);
    expect(told(consequences(provisioned, active))).toEqual(['VehicleActivated']);
    expect(told(consequences(active, withSoftware(active, '5.4.1', 2)))).toEqual(['VehicleSoftwareChanged']);
    expect(done(consequences(expected, provisioned))).toEqual([]);
    expect(done(consequences(provisioned, active))).toEqual([]);
  });

  test('no event names the VIN', () => {
    const all = [consequences(undefined, expected), consequences(active, suspended(active, 2))];
    expect(JSON.stringify(all)).not.toContain(expected.vin);
  });
});
