import { Phone } from '#device-sdk/sharing/phone.ts';
import type { Journey, Step } from '../journey.ts';
import { at, check, eventually, problem } from '../telling.ts';
import { aDriver, type CarInCity, carInCity, done, inState, patience, Scenes, started } from './car-in-city.ts';
import { opened, photographed } from './photograph.ts';
import { scratchedGolf } from './vehicles.ts';

/** What the operator says of itself, and what its city charges beside trips; cents. */
const issuer = {
  ...{ legalName: 'Tour GmbH', vatId: 'DE123456789', numberPrefix: 'TOUR' },
  address: { street: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
};
const [excess, share, fee, fine] = [50_000, 20_000, 1_500, 3_500];

interface Scene extends CarInCity {
  readonly phone: Phone;
  reservationId: string;
  /** RFC 3339: of the trip. */
  startedAt: string;
  heldAt: string;
  total: number;
  chargeId: string;
}
const scenes = new Scenes<Scene>();

const mine = ({ operatorId }: CarInCity) => `/v1/me/sharing/${operatorId}`;
const use = (scene: Scene) => `${mine(scene)}/reservations/${scene.reservationId}`;
const desk = ({ operatorId }: CarInCity) => `/v1/sharing/operators/${operatorId}`;

/** The second driver asks, who has nothing to do with it. */
async function isHidden(journey: Journey, path: string): Promise<void> {
  const answer = await journey.person('second-driver').get(path);
  check(answer.status === 404, `nothing at ${path} for anybody else`, answer);
}

async function held(journey: Journey, name: string, scene: Scene): Promise<unknown> {
  const { body } = await eventually(
    'a hold',
    () => journey.person(name).post(`${mine(scene)}/reservations`, { vehicleId: scene.vehicleId }),
    ({ status }) => status === 201 || status === 200,
    patience,
  );
  return body;
}

/** A list of what is the driver's: its items. */
async function ofDriver(journey: Journey, path: string): Promise<readonly unknown[]> {
  const found = at((await journey.person('driver').get(path)).body, 'items');
  return Array.isArray(found) ? found : [];
}

export const careSteps: readonly Step[] = [
  {
    title:
      'Before the start the driver photographs the car; a file that is no photo is refused, and nobody else sees one',
    async run(journey) {
      const system = { damageExcess: excess, charges: { finesFee: fee, disputeDays: 14 } };
      const car = await carInCity(journey, scratchedGolf, { operator: { invoicing: issuer }, system });
      const times = { startedAt: '', heldAt: '', total: 0 };
      const scene: Scene = { ...car, phone: new Phone(), reservationId: '', chargeId: '', ...times };
      scenes.begin(journey, scene);
      await aDriver(journey, 'driver', car.operatorId);
      scene.reservationId = String(at(await held(journey, 'driver', scene), 'reservationId'));
      const refused = await photographed(
        journey.person('driver'),
        `${use(scene)}/photos`,
        'start',
        Buffer.from('%PDF-1.7'),
      );
      check(problem(refused) === 'photo-refused', 'no PDF among the photos', refused);
      const photo = await photographed(journey.person('driver'), `${use(scene)}/photos`, 'start');
      check(at(photo.body, 'status') === 'there', 'a photo of the start', photo);
      await isHidden(journey, `${use(scene)}/photos`);
    },
  },
  {
    title: 'The trip has one invoice, asked for twice one number; its sum is that of the bill, and the tax is in it',
    async run(journey) {
      const scene = scenes.of(journey);
      const { phone, body, reservationId } = scene;
      const driver = journey.person('driver');
      const issued = await eventually(
        'a key',
        () => driver.post(`${use(scene)}/key`, { phoneKey: phone.publicKey }),
        ({ status }) => status === 201,
        patience,
      );
      phone.keep(String(at(issued.body, 'token')));
      await started(scene, phone);
      body.set({ odometer: body.conditions().odometer + 4_100 });
      await done(scene, phone, 'end');
      const path = `${mine(scene)}/trips/${reservationId}`;
      const trip = await eventually(
        'a settled trip',
        () => driver.get(path),
        (answer) => at(answer.body, 'status') === 'settled',
        patience,
      );
      const member = (name: string) => String(at(trip.body, name));
      Object.assign(scene, {
        startedAt: member('startedAt'),
        heldAt: member('heldAt'),
        total: Number(member('total')),
      });
      const [first, second] = [
        await driver.post(`${path}/invoice`, undefined),
        await driver.post(`${path}/invoice`, undefined),
      ];
      const numbers = [first, second].map((answer) => at(answer.body, 'number'));
      check(/^TOUR-\d{4}-000001$/.test(String(numbers[0])), 'the first number', first);
      check(numbers[0] === numbers[1], 'the same invoice', second);
      const [net, vat, gross] = ['net', 'vat', 'gross'].map((name) => Number(at(first.body, name)));
      check(
        gross === scene.total && Number(net) + Number(vat) === gross && Number(vat) > 0,
        'the sum of the bill',
        first,
      );
      await isHidden(journey, path);
    },
  },
  {
    title:
      'After the trip a scratch is reported with a photo: staff sees who had the car, the next driver where it is scratched',
    async run(journey) {
      const scene = scenes.of(journey);
      const photo = await photographed(journey.person('driver'), `${use(scene)}/photos`, 'damage');
      const text = 'Bicycle of my neighbour';
      const report = { place: 'front-left', severity: 'cosmetic', text, photoIds: [at(photo.body, 'photoId')] };
      const reported = await journey.person('driver').post(`${use(scene)}/damages`, report);
      check(reported.status === 201, 'a damage that is known', reported);
      const { body } = await journey.operator.get(`${desk(scene)}/damages/${at(reported.body, 'damageId')}`);
      check(at(body, 'damage', 'reporter', 'seen') === 'after', 'a report after the trip', body);
      check(at(body, 'uses', 0, 'reservationId') === scene.reservationId, 'the use before it', body);
      for (const shown of [at(body, 'photos', 0), at(body, 'uses', 0, 'start', 0)]) {
        const seen = await opened(shown);
        check(seen === '200 image/jpeg', 'a photo that opens', { shown, seen });
      }
      await aDriver(journey, 'second-driver', scene.operatorId);
      await inState(journey, scene.vehicleId, 'available');
      const next = `${mine(scene)}/reservations/${at(await held(journey, 'second-driver', scene), 'reservationId')}`;
      const known = await journey.person('second-driver').get(`${next}/damages`);
      const told = JSON.stringify(known.body);
      check(told.includes('front-left') && !told.includes(text), 'the place, and not a word', known);
      const cancelled = await journey.person('second-driver').post(`${next}/cancel`, undefined);
      check(at(cancelled.body, 'status') === 'cancelled', 'a cancelled hold', cancelled);
    },
  },
  {
    title: 'Who is liable pays no more than the excess, and once, however often it is decided',
    async run(journey) {
      const scene = scenes.of(journey);
      const { reservationId } = scene;
      const open = await journey.operator.get(`${desk(scene)}/damages`);
      const path = `${desk(scene)}/damages/${at(open.body, 'items', 0, 'damageId')}`;
      const liable = { outcome: 'driver-liable', reason: 'Clean at the start', reservationId };
      const above = await journey.operator.post(`${path}/decision`, { ...liable, amount: excess + 1 });
      check(problem(above) === 'damage-excess-exceeded', 'no charge above the excess', above);
      for (let round = 0; round < 2; round++) {
        const decided = await journey.operator.post(`${path}/decision`, { ...liable, amount: share });
        check(at(decided.body, 'verdict', 'charge', 'amount') === share, 'a share of the damage', decided);
      }
      const charges = await ofDriver(journey, `${mine(scene)}/charges`);
      const isPaid = at(charges[0], 'payment', 'taken') === share;
      check(charges.length === 1 && isPaid, 'one charge, which is paid', charges);
    },
  },
  {
    title:
      'A letter names a plate and a time: the fine finds who drove, and is charged once, however often it is typed in',
    async run(journey) {
      const scene = scenes.of(journey);
      const { label: plate, startedAt, heldAt, operatorId } = scene;
      const letter = {
        plate,
        authority: 'Polizei Berlin',
        amount: fine,
        currency: 'EUR',
        kind: 'fine',
        reason: 'Speeding',
      };
      const typed = (key: string, said: object) =>
        journey.operator.post(
          `${desk(scene)}/fines`,
          { ...letter, ...said },
          { 'idempotency-key': `${operatorId}-${key}` },
        );
      const nobody = await typed('nobody', { at: heldAt, reference: '58.0' });
      check(['only-held-then', 'no-trip-then'].includes(problem(nobody)), 'nobody who drove then', nobody);
      const charged = await typed('first', { at: startedAt, reference: '58.1234 A' });
      check(charged.status === 201 && at(charged.body, 'reservationId') === scene.reservationId, 'the driver', charged);
      check(at(charged.body, 'payment', 'taken') === fine + fee, 'the fine and the fee', charged);
      scene.chargeId = String(at(charged.body, 'chargeId'));
      const again = await typed('again', { at: startedAt, reference: '581234a' });
      check(at(again.body, 'chargeId') === scene.chargeId, 'the charge that was made before', again);
      const charge = `${mine(scene)}/charges/${scene.chargeId}`;
      const foreign = await journey.person('second-driver').post(`${charge}/dispute`, { text: 'Not me' });
      check(problem(foreign) === 'charge-not-found', 'nothing for anybody else', foreign);
    },
  },
  {
    title:
      'The driver disputes it, half goes back with a credit note: no number is missing, and the month agrees to the cent',
    async run(journey) {
      const scene = scenes.of(journey);
      const { chargeId, operatorId, total } = scene;
      const driver = journey.person('driver');
      const text = 'It was my sister who drove.';
      const disputed = await driver.post(`${mine(scene)}/charges/${chargeId}/dispute`, { text });
      check(at(disputed.body, 'dispute', 'text') === text, 'a dispute', disputed);
      const half = (fine + fee) / 2;
      for (let round = 0; round < 2; round++) {
        const decision = { decision: 'reduce', amount: half, reason: 'Half of it, case 4711' };
        const key = { 'idempotency-key': `${operatorId}-half` };
        const decided = await journey.operator.post(`${desk(scene)}/charges/${chargeId}/decision`, decision, key);
        check(at(decided.body, 'reductions', 0, 'status') === 'done', 'half of it given back', decided);
        check(at(decided.body, 'reductions', 1) === undefined, 'given back once', decided);
      }
      const documents = await ofDriver(journey, `${mine(scene)}/invoices`);
      const kinds = documents.map((document) => `${at(document, 'kind')} ${at(document, 'gross')}`).toSorted();
      const expected = [`invoice ${total}`, `invoice ${share}`, `invoice ${fine + fee}`, `credit-note ${half}`];
      check(kinds.join() === expected.toSorted().join(), expected.join(', '), documents);
      const numbers = documents.map((document) => Number(String(at(document, 'number')).slice(-6))).toSorted();
      check(numbers.join() === '1,2,3,4', 'numbers without a gap', documents);
      const months = new Set(documents.map((document) => String(at(document, 'issuedOn')).slice(0, 7)));
      let moved = 0;
      for (const month of months) {
        const { body } = await journey.operator.get(`${desk(scene)}/accounts/${month}`);
        check(JSON.stringify(at(body, 'currencies', 0, 'differences')) === '[]', 'accounts that agree', body);
        const [captured, collected, refunded] = ['captured', 'collected', 'refunded'].map((name) =>
          Number(at(body, 'currencies', 0, 'total', name)),
        );
        moved += Number(captured) + Number(collected) - Number(refunded);
      }
      check(moved === total + share + half, 'what was taken, less what went back', moved);
    },
  },
];
