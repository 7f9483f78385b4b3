import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admission, reservationTime } from '#shared/registry/admission.ts';
import { confirmed, reactivated, retired, suspended, type Vehicle } from '#shared/registry/vehicle.ts';
import { aCertificate, aVehicle } from '../../contract/samples.ts';

const mine = aCertificate({ certificateId: 'mine', deviceKeySha256: '1'.repeat(64) });
const again = { ...mine, certificateId: 'mine-again' };
const theirs = aCertificate({ certificateId: 'theirs', deviceKeySha256: '2'.repeat(64) });

function provisioned(at = 0): Vehicle {
  const decision = admission(aVehicle(), mine, at);
  if (!decision.admitted) throw new Error(decision.reason);
  return decision.vehicle;
}

describe('admission', () => {
  test('given a VIN that nobody expects, nobody comes in', () => {
    expect(admission(undefined, mine, 0)).toEqual({ admitted: false, reason: 'vin-not-expected' });
  });

  test('given an expected vehicle, its VIN is reserved for the certificate that asks first', () => {
    expect(provisioned(5).lifeCycle).toEqual({
      status: 'provisioned',
      certificate: mine,
      reservedUntil: 5 + reservationTime,
    });
  });

  test('given a reservation, the same key comes in again at once with a new certificate', () => {
    expect(admission(provisioned(), again, 1)).toMatchObject({
      admitted: true,
      vehicle: { lifeCycle: { certificate: again } },
    });
  });

  test('given a reservation, the same certificate changes nothing', () => {
    const vehicle = provisioned();
    expect(admission(vehicle, mine, 1)).toEqual({ admitted: true, vehicle });
  });

  test('given a reservation, another key waits until it has lapsed', () => {
    const vehicle = provisioned();
    expect(admission(vehicle, theirs, reservationTime - 1)).toMatchObject({ reason: 'reserved-for-another-key' });
    const taken = { admitted: true, vehicle: { lifeCycle: { certificate: theirs } } };
    expect(admission(vehicle, theirs, reservationTime)).toMatchObject(taken);
    // The clock was set back: the reservation would last for days.
    expect(admission(vehicle, theirs, -5 * 86_400_000)).toMatchObject(taken);
  });

  test('given a pinned key, no other is ever admitted', () => {
    const vehicle = aVehicle({ deviceKeySha256: mine.deviceKeySha256 });
    expect(admission(vehicle, theirs, 0)).toMatchObject({ reason: 'key-not-pinned' });
    expect(admission(vehicle, mine, 0)).toMatchObject({ admitted: true });
  });

  test('given the first connection was seen, not even the same key comes in again', () => {
    const active = confirmed(provisioned(), 'mine', 1);
    expect(admission(active, again, reservationTime * 2)).toMatchObject({ reason: 'already-provisioned' });
    expect(admission(suspended(active, 2), again, 3)).toMatchObject({ reason: 'suspended' });
    expect(admission(retired(active, 2), again, 3)).toMatchObject({ reason: 'retired' });
  });

  test('given the reservation was taken over, the former certificate confirms nothing', () => {
    const taken = admission(provisioned(), theirs, reservationTime);
    if (!taken.admitted) throw new Error(taken.reason);
    expect(confirmed(taken.vehicle, 'mine', reservationTime + 1)).toBe(taken.vehicle);
  });
});

test('whatever is tried on a vehicle, retirement is final and every change raises the version', () => {
  const steps = fc.array(
    fc.constantFrom(
      (vehicle: Vehicle, now: number) => suspended(vehicle, now),
      (vehicle: Vehicle, now: number) => reactivated(vehicle, now),
      (vehicle: Vehicle, now: number) => confirmed(vehicle, 'mine', now),
      (vehicle: Vehicle, now: number) => {
        const decision = admission(vehicle, theirs, now);
        return decision.admitted ? decision.vehicle : vehicle;
      },
      (vehicle: Vehicle, now: number) => retired(vehicle, now),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(steps, (tries) => {
      let vehicle = provisioned();
      tries.forEach((change, index) => {
        const before = vehicle;
        try {
          vehicle = change(before, reservationTime * index);
        } catch {
          return; // refused: nothing changed
        }
        if (vehicle !== before) expect(vehicle.version).toBe(before.version + 1);
        if (before.lifeCycle.status === 'retired') expect(vehicle).toBe(before);
      });
    }),
  );
});
