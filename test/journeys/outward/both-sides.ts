import { afterAll, beforeAll, expect, test } from 'vitest';
import { TompDesk } from '#functions/adapters/partners/tomp-desk.ts';
import type { ApiAnswer } from '#local/tour/api-client.ts';
import { at, eventually } from '#local/tour/telling.ts';
import type { DeskAndPartner } from '../../contract/desk-and-partner.ts';
import { partnerDesk } from '../../contract/partner-desk.ts';
import { partnerFeed } from '../../support/asset-town.ts';
import { LossyLine } from '../../support/lossy-line.ts';
import type { OutwardTown } from '../../support/outward-town.ts';
import { bikesAtCorner, corner, PartnerView, partnersNamed, tompPath } from '../../support/partner-view.ts';
import { sampleOperator, samplePlan, sampleSystem, sampleZones } from '../../support/sharing-city.ts';
import { middle } from '../../support/sharing-scene.ts';
import { minute } from '../../support/story-time.ts';

const neighbour = 'we-share-potsdam';
const neighbourPath = `/v1/sharing/systems/${neighbour}`;
const mine = `/v1/me/sharing/${sampleOperator.operatorId}`;
const held = ['PENDING', 'CONFIRMED', 'STARTED'];

/** Our own platform as its own partner: our client at one end of the line, our server at the other. */
export function bothSides(town: () => OutwardTown): void {
  let line: LossyLine;
  let bikes: readonly string[];
  let view: PartnerView;

  beforeAll(async () => {
    line = await LossyLine.open(`${town().home.cloud.file.api.baseUrl}${tompPath}`);
    await partnersNamed(town());
    bikes = await bikesAtCorner(town(), 6);
    view = new PartnerView(town());
  });
  afterAll(() => line.close());

  const deskWith = (token: () => Promise<string>) => new TompDesk({ allowLoopback: true }, { open: token }, 15_000);

  let taken = 0;
  partnerDesk(() => {
    const { time, car } = town();
    return {
      ...{ desk: deskWith(() => town().token('mobility-app')), stranger: deskWith(async () => 'nobody-knows-it') },
      feed: { ...partnerFeed, tompUrl: line.url },
      async asset() {
        const bike = bikes[taken];
        taken += 1;
        if (bike === undefined) throw new Error('No bike is left');
        return bike;
      },
      licensed: car.vehicleId,
      async wish(vehicleId) {
        const assetId = await view.nameOf(vehicleId);
        const place = vehicleId === car.vehicleId ? middle : corner;
        return assetId === undefined ? undefined : { assetId, place, at: time.now() };
      },
      loses: (process, what) => line.loses(process, what),
      async open(vehicleId) {
        const packages = await view.packagesOf(vehicleId);
        return packages.filter(({ properties }) => held.includes(properties.status)).length;
      },
      async does(vehicleId, what) {
        await town().tells(vehicleId, what, await town().use(vehicleId));
      },
      passes: (minutes) => time.passes(minutes * minute),
      now: () => time.now(),
      ...{ pendingMinutes: sampleSystem.holds.minutes, extensionMinutes: sampleSystem.holds.extensionMinutes },
    } satisfies DeskAndPartner;
  });

  test('one city of ours is another one’s partner: found in its feed, held, ridden and billed by its price', async () => {
    const { ada, time } = town();
    await neighbourOpened(town());
    /** Time goes on only as long as somebody waits. */
    const soon = (what: string, ask: () => Promise<ApiAnswer>, holds: (answer: ApiAnswer) => boolean) =>
      eventually(
        what,
        () => {
          time.nudge();
          return ask();
        },
        holds,
        40_000,
      );
    const around = `latitude=${corner.latitude}&longitude=${corner.longitude}&radius=50&limit=100`;
    const search = () => ada.person.get(`/v1/me/sharing/systems/${neighbour}/vehicles?${around}`);
    const found = await soon('a bike of Berlin', search, ({ body }) => at(body, 'items', 0) !== undefined);
    expect(at(found.body, 'items', 0)).toMatchObject({ provider: 'We Share Berlin', type: { vehicleTypeId: 'bike' } });
    const before = new Set((await view.packages()).map(({ properties }) => properties.id));
    const wants = async () => ada.hold(String(at((await search()).body, 'items', 0, 'vehicleId')));
    await soon('a hold', wants, ({ status }) => status === 201);
    const fresh = async () => (await view.packages()).filter(({ properties }) => !before.has(properties.id));
    const [bought = never(), ...others] = await fresh();
    expect([others, bought.properties.status]).toEqual([[], 'CONFIRMED']);
    const vehicleId = await view.vehicleOf(bought, bikes);
    const ride = (operation: string) =>
      ada.person.post(`${mine}/reservations/${ada.reservationId}/ride`, { operation });
    expect((await ride('start')).status).toBe(200);
    const use = await town().use(vehicleId);
    await town().tells(vehicleId, 'started', use);
    await soon(
      'a ride',
      () => ada.reservation(),
      ({ body }) => at(body, 'status') === 'driving',
    );
    time.passes(6 * minute);
    expect((await ride('end')).status).toBe(200);
    await town().tells(vehicleId, 'ended', use);
    await soon(
      'a trip that is paid',
      () => ada.trip(),
      ({ body }) => at(body, 'status') === 'settled',
    );
    // Our own bill stands first, and then the partner hears that its price is accepted.
    const accepted = await eventually(
      'a package that is settled',
      async () => {
        time.nudge();
        return (await fresh())[0]?.properties;
      },
      (properties) => properties?.status === 'SETTLED',
      40_000,
    );
    expect(accepted?.price?.estimated).toBe(false);
    const total = Math.round((accepted?.price?.amount ?? 0) * 100);
    expect((await ada.trip()).body).toMatchObject({
      bill: { total, lines: [{ item: 'partner', amount: total }], issuer: { name: 'We Share Berlin' } },
      payment: { status: 'paid', taken: total },
    });
  }, 120_000);
}

/** A second city, whose partner the first one is: its public feed, and what partners book by. */
async function neighbourOpened(town: OutwardTown): Promise<void> {
  const { operator, home } = town;
  const posted = async (path: string, body: object) => {
    const answer = await operator.post(path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  };
  const known = at((await operator.get(`/v1/sharing/systems/${sampleSystem.systemId}`)).body, 'vehicleTypes');
  const { version: _, ...system } = sampleSystem;
  const order = { ...system, systemId: neighbour, name: 'We Share Potsdam', vehicleTypes: known };
  await posted('/v1/sharing/systems', order);
  const { version: __, ...plan } = samplePlan;
  await posted(`${neighbourPath}/plans`, plan);
  const { zones, globalRules } = sampleZones;
  await posted(`${neighbourPath}/zones`, { zones, globalRules });
  const { api, gbfs: gbfsUrl } = home.cloud.file;
  await posted(`${neighbourPath}/partner-feeds`, {
    ...{ feedId: 'berlin', gbfsUrl, tompUrl: `${api.baseUrl}${tompPath}` },
    token: await town.token('mobility-app'),
    ...{ issuer: { name: 'We Share Berlin' }, shows: [{ assetTypeId: 'bike', vehicleTypeId: 'bike' }] },
  });
}

function never(): never {
  throw new Error('There is no package');
}
