import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { at, check, eventually, problem } from '#local/tour/telling.ts';
import type { OutwardTown } from '../../support/outward-town.ts';
import { sampleOperator } from '../../support/sharing-city.ts';
import type { SharingDriver } from '../../support/sharing-driver.ts';

const { operatorId } = sampleOperator;
const desk = `/v1/sharing/operators/${operatorId}`;
const use = ({ reservationId }: SharingDriver) => `/v1/me/sharing/${operatorId}/reservations/${reservationId}`;

/** The first bytes of a JPEG, and nobody's picture. */
function shot(name: string): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(name.padEnd(500, '.'))]);
}

function orderOf(moment: string, bytes: Buffer) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { moment, contentType: 'image/jpeg', bytes: bytes.length, sha256 };
}

/** To the store itself, by the address that the order named. */
async function sends(answer: unknown, bytes: Buffer): Promise<number> {
  const url = String(at(answer, 'upload', 'url'));
  const checksum = String(at(answer, 'upload', 'headers', 'x-amz-checksum-sha256'));
  const headers = { 'content-type': 'image/jpeg', 'x-amz-checksum-sha256': checksum };
  return (await fetch(url, { method: 'PUT', body: new Uint8Array(bytes), headers })).status;
}

async function photographs(driver: SharingDriver, moment: string, bytes = shot(`${moment} ${driver.reservationId}`)) {
  const photos = `${use(driver)}/photos`;
  const ordered = await driver.person.post(photos, orderOf(moment, bytes));
  check(ordered.status === 201, 'an address for a photo', ordered);
  expect(await sends(ordered.body, bytes)).toBe(200);
  return driver.person.post(`${photos}/${at(ordered.body, 'photoId')}/complete`, undefined);
}

/** What becomes of a car between two drivers. */
export function care(town: () => OutwardTown): void {
  test('who scratched it is seen by photos, and pays; a PIN and support are for the trip alone', async () => {
    const { ada, bob, car, operator, scene, time } = town();
    const { vehicleId } = car;
    const card = { type: 'charge', provider: 'Charge Network', lastFour: '4711', pin: '9182' };
    expect((await operator.post(`/v1/sharing/vehicles/${vehicleId}/card`, card)).status).toBe(200);
    await scene.held(ada, vehicleId, () => time.nudge());
    await ada.key();
    const large = { ...orderOf('start', shot('large')), bytes: 100_000_000 };
    expect(problem(await ada.person.post(`${use(ada)}/photos`, large))).toBe('photo-too-large');
    const pdf = { ...orderOf('start', shot('pdf')), contentType: 'application/pdf' };
    expect(problem(await ada.person.post(`${use(ada)}/photos`, pdf))).toBe('photo-type-not-accepted');
    const disguised = await photographs(ada, 'start', Buffer.from('%PDF-1.7'));
    expect(problem(disguised)).toBe('photo-refused');
    expect((await photographs(ada, 'start')).body).toMatchObject({ status: 'there' });
    expect(problem(await ada.person.get(`${use(ada)}/card`))).toBe('card-only-in-trip');
    await ada.does(car, 'start');
    const isStatus = (status: string) => (answer: { readonly body: unknown }) => at(answer.body, 'status') === status;
    await eventually('a trip', () => ada.reservation(), isStatus('driving'), 30_000);
    expect((await ada.person.get(`${use(ada)}/card`)).body).toMatchObject({ pin: '9182' });

    const openings = `/v1/sharing/vehicles/${vehicleId}/support-openings`;
    const order = { reservationId: ada.reservationId, reason: 'Phone in the car', proof: 'Date of birth' };
    expect(problem(await operator.post(openings, order))).toBe('support-opening-impossible');
    await ada.does(car, 'pause');
    await eventually('a pause', () => ada.reservation(), isStatus('paused'), 30_000);
    expect(car.body.locked).toBe(true);
    expect((await operator.post(openings, order)).status).toBe(202);
    await eventually(
      'open doors',
      async () => car.body.locked,
      (locked) => !locked,
      30_000,
    );
    expect(car.body.immobilised).toBe(true);
    expect((await ada.person.get(`${use(ada)}/openings`)).body).toMatchObject({ openings: [{ by: 'support' }] });
    await ada.does(car, 'resume', 'end');
    await ada.tripIs('settled');
    expect((await photographs(ada, 'end')).body).toMatchObject({ status: 'there' });
    expect(problem(await ada.person.get(`${use(ada)}/card`))).toBe('card-only-in-trip');

    await scene.held(bob, vehicleId, () => time.nudge());
    const { body: scratch } = await photographs(bob, 'damage');
    const report = { place: 'front-left', severity: 'cosmetic', text: 'Scratch', photoIds: [at(scratch, 'photoId')] };
    const { body: damage } = await bob.person.post(`${use(bob)}/damages`, report);
    const path = `${desk}/damages/${at(damage, 'damageId')}`;
    const { body: file } = await operator.get(path);
    expect(file).toMatchObject({
      damage: { reporter: { seen: 'before' } },
      photos: [{ status: 'there' }],
      uses: [{}, { reservationId: ada.reservationId, start: [{ status: 'there' }], end: [{ status: 'there' }] }],
    });
    const seen = await fetch(String(at(file, 'uses', 1, 'end', 0, 'link', 'url')));
    expect([seen.status, seen.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const liable = { outcome: 'driver-liable', reason: 'Scratched in this trip', reservationId: ada.reservationId };
    const decision = { ...liable, amount: 30_000 };
    expect((await operator.post(`${path}/decision`, decision)).body).toMatchObject({
      verdict: { charge: { amount: 30_000, reservationId: ada.reservationId } },
    });
    const known = await bob.person.get(`${use(bob)}/damages`);
    expect(JSON.stringify(known.body)).not.toContain(ada.reservationId);
    expect((await bob.asks('cancel')).status).toBe(200);
  });
}
