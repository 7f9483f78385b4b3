import { expect, test } from 'vitest';
import { certificateRecords } from '#shared/audit/certificate-records.ts';
import { admission } from '#shared/registry/admission.ts';
import { confirmed, reactivated, retired, suspended } from '#shared/registry/vehicle.ts';
import { aCertificate, aVehicle } from '../../contract/samples.ts';

test('the life of a certificate leaves a record at each turn, with who brought it about', () => {
  const expected = aVehicle();
  const admitted = admission(expected, aCertificate(), 2_000);
  if (!admitted.admitted) throw new Error('the story begins with an admission');
  const active = confirmed(admitted.vehicle, 'cert-1', 3_000);
  const cut = suspended(active, 4_000);
  const back = reactivated(cut, 5_000);
  const gone = retired(back, 6_000);
  const told = [expected, admitted.vehicle, active, cut, back, gone].map((after, at, all) =>
    certificateRecords(all[at - 1], after, `change-${at}`).map(
      ({ action, actor, recordId }) => `${action} by ${actor.kind}, ${recordId}`,
    ),
  );
  expect(told).toEqual([
    [],
    ['certificate.admitted by vehicle, change-1-admitted'],
    ['certificate.activated by vehicle, change-2-activated'],
    ['certificate.deactivated by platform, change-3-deactivated'],
    ['certificate.reactivated by platform, change-4-reactivated'],
    ['certificate.revoked by platform, change-5-revoked'],
  ]);
});

test('another certificate in the place of one leaves two records', () => {
  const first = admission(aVehicle(), aCertificate(), 1_000);
  if (!first.admitted) throw new Error('the story begins with an admission');
  const second = admission(first.vehicle, aCertificate({ certificateId: 'cert-2' }), 2_000);
  if (!second.admitted) throw new Error('the same key may ask again');
  expect(
    certificateRecords(first.vehicle, second.vehicle, 'c').map(({ resource, action }) => [action, resource]),
  ).toEqual([
    ['certificate.revoked', 'certificate/cert-1'],
    ['certificate.admitted', 'certificate/cert-2'],
  ]);
});

test('a change that is none of certificates leaves none', () => {
  const vehicle = aVehicle({ lifeCycle: { status: 'active', certificate: aCertificate() } });
  expect(certificateRecords(vehicle, { ...vehicle, softwareVersion: '2' }, 'c')).toEqual([]);
});
