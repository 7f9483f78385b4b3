import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiAnswer } from '#local/tour/api-client.ts';
import { at, eventually, problem } from '#local/tour/telling.ts';
import { dayIn } from '#shared/sharing/setup/local-day.ts';
import type { OutwardTown } from '../../support/outward-town.ts';
import { ReferencePartner } from '../../support/reference-partner.ts';
import { sampleOperator, sampleSystem } from '../../support/sharing-city.ts';
import type { SharingDriver } from '../../support/sharing-driver.ts';
import { middle } from '../../support/sharing-scene.ts';
import { minute } from '../../support/story-time.ts';

const path = `/v1/sharing/systems/${sampleSystem.systemId}/partner-feeds`;
const around = `latitude=${middle.latitude}&longitude=${middle.longitude}&radius=3000&limit=100`;
const mine = `/v1/me/sharing/${sampleOperator.operatorId}`;

/** A partner operator's scooters in the operator's city. */
export function assets(town: () => OutwardTown): void {
  let partner: ReferencePartner;

  beforeAll(async () => {
    partner = await ReferencePartner.open();
    partner.now = () => town().time.now();
    for (const asset of partner.assets.values()) [asset.lat, asset.lon] = [middle.latitude, middle.longitude];
  });
  afterAll(() => partner.close());

  const items = (answer: ApiAnswer) => [at(answer.body, 'items')].flat();
  const search = ({ person }: SharingDriver) =>
    person.get(`/v1/me/sharing/systems/${sampleSystem.systemId}/vehicles?${around}`);
  const theirs = (answer: ApiAnswer) => items(answer).filter((item) => at(item, 'provider') !== undefined);
  /** Time goes on only as long as somebody waits. */
  const soon = <T>(what: string, ask: () => Promise<T>, holds: (answer: T) => boolean) =>
    eventually(
      what,
      () => {
        town().time.nudge();
        return ask();
      },
      holds,
      30_000,
    );
  const ride = (driver: SharingDriver, operation: string) =>
    driver.person.post(`${mine}/reservations/${driver.reservationId}/ride`, { operation });
  const scooters = async (driver: SharingDriver) => {
    const found = await soon(
      'a scooter of the partner',
      () => search(driver),
      (answer) => theirs(answer).length > 0,
    );
    return theirs(found).map((item) => String(at(item, 'vehicleId')));
  };

  test('an operator offers a partner’s scooters; nobody is shown the token, and an address inside is refused', async () => {
    const { operator } = town();
    const order = {
      ...{ feedId: 'nextwheel', gbfsUrl: partner.gbfsUrl, tompUrl: partner.tompUrl, token: partner.token },
      ...{ issuer: { name: 'Nextwheel GmbH' }, shows: [{ assetTypeId: 's', vehicleTypeId: 'scooter' }] },
    };
    const inside = await operator.post(path, { ...order, gbfsUrl: 'https://169.254.169.254/gbfs.json' });
    expect([inside.status, problem(inside)]).toEqual([400, 'partner-url-refused']);
    const created = await operator.post(path, order);
    expect(created.status, JSON.stringify(created.body)).toBe(201);
    const read = await soon(
      'a feed that was read',
      () => operator.get(`${path}/nextwheel`),
      (answer) => at(answer.body, 'status') === 'good',
    );
    expect(read.body).toMatchObject({ counts: { vehicles: 3, listed: 2, notShown: 1 } });
    expect(JSON.stringify([created.body, read.body])).not.toContain(partner.token);
  });

  test('one search, one way to hold, one list of trips, one bill: an own bike, and a partner’s scooter', async () => {
    const { ada, time } = town();
    await town().rides(ada, town().bike(1));
    const [scooter = ''] = await scooters(ada);
    const found = await search(ada);
    expect(new Set(items(found).map((item) => at(item, 'type', 'formFactor')))).toContain('bicycle');
    const held = await ada.hold(scooter);
    expect(held.status, JSON.stringify(held.body)).toBe(201);
    expect(partner.bookings.packages.map(({ status }) => status)).toEqual(['CONFIRMED']);
    expect((await ada.asks('extend')).status).toBe(200);
    expect(at((await ride(ada, 'start')).body, 'status')).toBe('driving');
    time.passes(7 * minute);
    expect((await ride(ada, 'end')).status).toBe(200);
    await soon(
      'a trip that is paid',
      () => ada.trip(),
      (answer) => at(answer.body, 'status') === 'settled',
    );
    const total = partner.bookings.costs(partner.bookings.packages[0] ?? never());
    const trip = await ada.trip();
    expect(trip.body).toMatchObject({
      bill: { total, lines: [{ item: 'partner', amount: total }], issuer: { name: 'Nextwheel GmbH' } },
      ...{ vehicleTypeId: 'scooter', payment: { status: 'paid', taken: total } },
    });
    const trips = items(await ada.person.get(`${mine}/trips`));
    expect(trips.slice(0, 2)).toMatchObject([{ vehicleTypeId: 'scooter' }, { vehicleTypeId: 'bike' }]);
    expect(trips.slice(0, 2).map((one) => Object.keys(Object(one)).sort().join())).toEqual([
      ...Array.from({ length: 2 }, () => expect.stringContaining('payment,reservationId,startedAt')),
    ]);
    expect(await Promise.all(trips.slice(0, 2).map((one) => onBill(ada, one)))).toMatchObject([
      [{ supplier: { name: 'Nextwheel GmbH' }, invoice: { by: 'partner' }, amount: total, taken: total }],
      [{ supplier: { name: 'We Share GmbH' }, invoice: { by: 'operator' }, subject: { vehicleTypeId: 'bike' } }],
    ]);
  });

  test('a partner that will not, and one that is cut off in the middle: nothing is held twice, nothing is billed twice', async () => {
    const { bob } = town();
    // Time has leapt: what is found is what the partner has said since.
    const wants = async () => bob.hold((await scooters(bob))[0] ?? '');
    partner.fails('purchase-offers', 'refuse');
    const refused = await soon('a refusal', wants, ({ status }) => status === 409);
    expect(problem(refused)).toBe('partner-refused');
    expect(items(await bob.person.get(`${mine}/reservations`))).toEqual([]);
    partner.fails('purchase-offers', 'cut');
    partner.fails('confirm-purchase', 'cut');
    await soon('a hold', wants, ({ status }) => status === 201);
    const before = partner.bookings.packages.length;
    const open = partner.bookings.packages.filter(({ status }) => ['PENDING', 'CONFIRMED'].includes(status));
    expect([before, open.length]).toEqual([2, 1]);
    await ride(bob, 'start');
    partner.fails('end-leg', 'cut');
    await ride(bob, 'end');
    await soon(
      'a trip that is paid',
      () => bob.trip(),
      (answer) => at(answer.body, 'status') === 'settled',
    );
    expect(at((await bob.trip()).body, 'receipts')).toHaveLength(1);
    expect(partner.bookings.packages.map(({ status }) => status)).toEqual(['SETTLED', 'SETTLED']);
  });
}

/** What the bill of its month says of a trip. */
async function onBill({ person }: SharingDriver, trip: unknown): Promise<readonly unknown[]> {
  const month = dayIn(sampleSystem.timeZone, Date.parse(String(at(trip, 'endedAt')))).slice(0, 7);
  const { body } = await person.get(`${mine}/bills/${month}`);
  const entries = at(body, 'entries');
  if (!Array.isArray(entries)) throw new Error(`No bill: ${JSON.stringify(body)}`);
  return entries.filter((entry) => at(entry, 'about') === at(trip, 'reservationId'));
}

function never(): never {
  throw new Error('There is no package');
}
