import { describe, expect, test } from 'vitest';
import { reservationTime } from '#shared/registry/admission.ts';
import { consequences } from '#shared/registry/consequences.ts';
import { standing } from '#shared/registry/gate.ts';
import { homeName } from '#shared/registry/home.ts';
import { calledBack, sentTo } from '#shared/registry/move.ts';
import { lapsed, lapseTime, type RotationRefusal, rotation } from '#shared/registry/rotation.ts';
import { confirmed, reactivated, retired, suspended, type Vehicle } from '#shared/registry/vehicle.ts';
import { aCertificate, aVehicle } from '../../contract/samples.ts';

const own = aCertificate({ certificateId: 'own', deviceKeySha256: '1'.repeat(64) });
const next = aCertificate({ certificateId: 'next', deviceKeySha256: '2'.repeat(64) });
const again = aCertificate({ certificateId: 'again', deviceKeySha256: '2'.repeat(64) });
const another = aCertificate({ certificateId: 'another', deviceKeySha256: '3'.repeat(64) });
const active: Vehicle = { ...aVehicle(), lifeCycle: { status: 'active', certificate: own } };
const rotating = admitted(active, 'own', next, 0);

function admitted(vehicle: Vehicle, askedWith: string, certificate: typeof own, now: number): Vehicle {
  const decision = rotation(vehicle, { askedWith, certificate }, now);
  if (!decision.admitted) throw new Error(decision.reason);
  return decision.vehicle;
}

function refusal(
  vehicle: Vehicle | undefined,
  askedWith: string,
  certificate: typeof own,
  now = 1,
): RotationRefusal | '' {
  const decision = rotation(vehicle, { askedWith, certificate }, now);
  return decision.admitted ? '' : decision.reason;
}

describe('a vehicle that changes its certificate', () => {
  test('may connect with both, until it connects with the next one', () => {
    expect(['own', 'next', 'another'].map((id) => standing(rotating, id))).toEqual(['ACTIVE', 'ACTIVE', 'REVOKED']);
    const changed = confirmed(rotating, 'next', 1);
    expect(changed.lifeCycle).toEqual({ status: 'active', certificate: next });
    expect(['own', 'next'].map((id) => standing(changed, id))).toEqual(['REVOKED', 'ACTIVE']);
  });

  test('keeps the one it has while it moves to another device cloud, which knows no other', () => {
    const asked = sentTo(active, homeName('north'), undefined, 0);
    expect(refusal(asked, 'own', next)).toBe('moving');
    expect(refusal(calledBack(asked, 1), 'own', next)).toBe('moving');
  });

  test('loses the former certificate and keeps its connection, and whoever listens is told', () => {
    const found = consequences(rotating, confirmed(rotating, 'next', 1));
    expect(found).toMatchObject([
      { kind: 'set-certificate', certificateId: 'own', status: 'REVOKED' },
      { kind: 'announce', event: { name: 'VehicleCertificateChanged' } },
    ]);
    expect(consequences(active, rotating)).toEqual([]);
  });

  test('that heard no answer asks again with the same key at once, and what it was given before is revoked', () => {
    const second = admitted(rotating, 'own', again, 1);
    expect(second.lifeCycle).toMatchObject({ certificate: own, next: { certificate: again } });
    expect(consequences(rotating, second)).toEqual([
      { kind: 'set-certificate', certificateId: 'next', status: 'REVOKED' },
    ]);
  });

  test('and whose request comes twice is let in twice and changed once', () => {
    expect(admitted(rotating, 'own', next, 1)).toBe(rotating);
    expect(confirmed(confirmed(rotating, 'next', 1), 'next', 2)).toEqual(confirmed(rotating, 'next', 1));
  });

  test('asks with the next certificate before its presence was told: that confirms it', () => {
    const onwards = admitted(rotating, 'next', another, 1);
    expect(onwards.lifeCycle).toMatchObject({ certificate: next, next: { certificate: another } });
    expect(consequences(rotating, onwards)).toMatchObject([
      { certificateId: 'own', status: 'REVOKED' },
      { event: { name: 'VehicleCertificateChanged' } },
    ]);
  });

  test('gets none back that was replaced, however late its request comes again', () => {
    const second = admitted(rotating, 'own', again, 1);
    expect(refusal(second, 'own', next)).toBe('replaced');
  });

  test('and is suspended meanwhile is shut out with both, and let in with both again', () => {
    const away = suspended(rotating, 1);
    expect(consequences(rotating, away)).toMatchObject([
      { certificateId: 'own', status: 'INACTIVE' },
      { certificateId: 'next', status: 'INACTIVE' },
      { kind: 'disconnect' },
      { kind: 'announce' },
    ]);
    expect(confirmed(away, 'next', 2)).toBe(away);
    expect(refusal(away, 'own', again)).toBe('suspended');
    const back = reactivated(away, 3);
    expect(back.lifeCycle).toEqual(rotating.lifeCycle);
    expect(consequences(away, back)).toMatchObject([
      { certificateId: 'own', status: 'ACTIVE' },
      { certificateId: 'next', status: 'ACTIVE' },
      { kind: 'announce' },
    ]);
  });

  test('and is retired meanwhile loses both for good', () => {
    const gone = retired(rotating, 1);
    expect(consequences(rotating, gone)).toMatchObject([
      { certificateId: 'own', status: 'REVOKED' },
      { certificateId: 'next', status: 'REVOKED' },
      { kind: 'disconnect' },
      { kind: 'announce' },
    ]);
    expect(['own', 'next'].map((id) => standing(gone, id))).toEqual(['REVOKED', 'REVOKED']);
  });

  test('and never connects with the next one keeps its own, and the other lapses after a week', () => {
    expect(lapsed(rotating, lapseTime - 1)).toBe(rotating);
    const still = lapsed(rotating, lapseTime);
    expect(still.lifeCycle).toEqual({ status: 'active', certificate: own });
    expect(consequences(rotating, still)).toEqual([
      { kind: 'set-certificate', certificateId: 'next', status: 'REVOKED' },
    ]);
    expect(lapsed(active, lapseTime)).toBe(active);
  });
});

describe('no next certificate is given', () => {
  test('to a name that is not registered, or not active', () => {
    expect(refusal(undefined, 'own', next)).toBe('not-registered');
    expect(refusal(aVehicle(), 'own', next)).toBe('expected');
    expect(refusal(retired(active, 1), 'own', next)).toBe('retired');
    const provisioned: Vehicle = {
      ...active,
      lifeCycle: { status: 'provisioned', certificate: own, reservedUntil: 5 },
    };
    expect(refusal(provisioned, 'own', next)).toBe('provisioned');
  });

  test("over another vehicle's certificate, or one that was the vehicle's own", () => {
    expect(refusal(active, 'theirs', next)).toBe('not-its-certificate');
    expect(refusal(confirmed(rotating, 'next', 1), 'own', another)).toBe('not-its-certificate');
  });

  test('for the key that is to be replaced', () => {
    expect(refusal(active, 'own', { ...own, certificateId: 'same-key' })).toBe('key-in-use');
    expect(refusal(rotating, 'next', again)).toBe('key-in-use');
  });

  test('to a second key, until the reservation of the first has passed', () => {
    expect(refusal(rotating, 'own', another, reservationTime - 1)).toBe('reserved-for-another-key');
    expect(admitted(rotating, 'own', another, reservationTime).lifeCycle).toMatchObject({
      certificate: own,
      next: { certificate: another },
    });
  });
});
