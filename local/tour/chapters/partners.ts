import { Phone } from '#device-sdk/sharing/phone.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import type { ApiAnswer } from '../api-client.ts';
import type { Journey, Step } from '../journey.ts';
import { at, check, eventually, problem } from '../telling.ts';
import { type CarInCity, carInCity, done, inState, patience, Scenes, started } from './car-in-city.ts';
import { partnersGolf } from './vehicles.ts';

interface Scene extends CarInCity {
  /** Of the partner. */
  readonly clientId: string;
  /** The customer's. */
  readonly phone: Phone;
  /** Good for five minutes, and nobody's. */
  spare: string;
  packageId: string;
}
const scenes = new Scenes<Scene>();

function clientIdOf({ identity }: CloudFile, name: string): string {
  const client = identity.clients.find((candidate) => candidate.name === name);
  if (client === undefined) throw new Error(`cloud.json has no machine client named "${name}".`);
  return client.clientId;
}

/** A process of TOMP, as the partner asks for it. */
function tomp({ mobilityApp }: Journey, { systemId }: CarInCity, process: string, inputs: object): Promise<ApiAnswer> {
  return mobilityApp.post(`/v1/tomp/${systemId}/processes/${process}/execution`, { inputs });
}

/** One of its collections. */
function items({ mobilityApp }: Journey, { systemId }: CarInCity, collection: string, query: Record<string, string>) {
  return mobilityApp.get(`/v1/tomp/${systemId}/collections/${collection}/items?${new URLSearchParams(query)}`);
}

const statusOf = ({ body }: ApiAnswer) => at(body, 'properties', 'status');
const legOf = ({ body }: ApiAnswer) => at(body, 'properties', 'legs', 0, 'status');

/** Twice, as somebody does who heard no answer. */
async function twice(journey: Journey, scene: Scene, process: string, inputs: object, status: string): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const answer = await tomp(journey, scene, process, inputs);
    check(statusOf(answer) === status, `a package that is ${status}`, answer);
  }
}

/** Waits until the leg has come so far as the car has told. */
function legIs(journey: Journey, scene: Scene, status: string): Promise<ApiAnswer> {
  return eventually(
    `a leg that is ${status}`,
    () => items(journey, scene, 'packages', { packageId: scene.packageId }),
    (answer) => legOf(answer) === status,
    patience,
  );
}

async function offered(journey: Journey, scene: Scene): Promise<string> {
  const inputs = {
    specification: { from: 'GPS:13.4132,52.5201' },
    requirements: { mode: 'CAR', estimatedUsage: { time: 'PT20M', distance: 6, distanceType: 'KM' } },
  };
  const { body } = await eventually(
    'an offer of the car, under the name that it has in the public feed today',
    async () => {
      // What is found is some seconds old.
      await journey.pause(400);
      return tomp(journey, scene, 'search-offers', inputs);
    },
    ({ body }) => {
      const asset = at(body, 'features', 0, 'properties', 'legs', 0, 'assets', 0);
      return typeof asset === 'string' && asset !== scene.vehicleId;
    },
    patience,
  );
  const [offer] = [at(body, 'features', 0, 'properties')];
  const price = Number(at(offer, 'price', 'amount'));
  check(at(offer, 'price', 'estimated') === true && price > 0, 'an estimate of the price', offer);
  return String(at(offer, 'id'));
}

/** A customer of the partner's, whose papers the partner has seen. */
function traveller(id: string, age: number) {
  const licence = { licenseType: { licenseCode: 'B', issuingCountry: 'DE' }, endValidity: '2045-05-31' };
  return { type: 'traveller', id, characteristics: { isValidated: true, age, licenses: [licence] } };
}

function buys(journey: Journey, scene: Scene, offer: string, who = traveller('ada', 34)): Promise<ApiAnswer> {
  return tomp(journey, scene, 'purchase-offers', { offer, travellers: [who] });
}

/** Whoever finds the offer gone by searches again. */
async function bought(journey: Journey, scene: Scene, offer: string): Promise<string> {
  let next = offer;
  const answer = await eventually(
    'a package that is pending',
    async () => {
      const found = await buys(journey, scene, next);
      if (['offer-expired', 'offer-not-found'].includes(problem(found))) next = await offered(journey, scene);
      return found;
    },
    (found) => statusOf(found) === 'PENDING',
    patience,
  );
  const again = await buys(journey, scene, next);
  const [first, second] = [answer, again].map(({ body }) => String(at(body, 'properties', 'id')));
  check(first !== undefined && first === second, 'the package that was bought before', again);
  return String(first);
}

export const partnerSteps: readonly Step[] = [
  {
    title: 'An operator names a partner whose app may book its cars; for everybody else there is no such city',
    async run(journey) {
      const car = await carInCity(journey, partnersGolf);
      const { operatorId, systemId } = car;
      const clientId = clientIdOf(journey.cloud, 'mobility-app');
      const unknown = await journey.mobilityApp.get(`/v1/tomp/${systemId}`);
      check(problem(unknown) === 'system-not-found', 'a city that is unknown', unknown);
      const terms = { name: 'Sample app', trusts: ['licence'], openPackages: 5, creditLimit: 100_000 };
      const path = `/v1/sharing/operators/${operatorId}`;
      const named = await journey.operator.send('PATCH', path, { body: { partners: [{ clientId, ...terms }] } });
      check(named.status === 200, 'a partner', named);
      const landing = await journey.mobilityApp.get(`/v1/tomp/${systemId}`);
      check(JSON.stringify(landing.body).includes('search-offers'), 'what can be done there', landing);
      const nobody = await journey.operator.get(`/v1/tomp/${systemId}`);
      check(problem(nobody) === 'system-not-found', 'still unknown to whom nobody has named', nobody);
      // A car says a moment later where it stands; a search that comes before is answered from memory for seconds.
      await journey.pause(1_000);
      scenes.begin(journey, { ...car, clientId, phone: new Phone(), spare: '', packageId: '' });
    },
  },
  {
    title: 'The app finds the car with its price and buys it for a customer; asked twice it is bought once, and taken',
    async run(journey) {
      const scene = scenes.of(journey);
      const [offer, spare] = [await offered(journey, scene), await offered(journey, scene)];
      const young = await buys(journey, scene, offer, traveller('grace', 20));
      check(problem(young) === 'traveller-too-young', 'no car below 21', young);
      scene.packageId = await bought(journey, scene, offer);
      scene.spare = spare;
      const taken = await buys(journey, scene, spare, traveller('eve', 34));
      // By then the offer may be too old.
      check(['vehicle-reserved', 'offer-expired'].includes(problem(taken)), 'no car for another offer', taken);
      await inState(journey, scene.vehicleId, 'reserved');
    },
  },
  {
    title: 'What the customer thinks better of is given back: nothing is owed, and the car is there for the next',
    async run(journey) {
      const scene = scenes.of(journey);
      await twice(journey, scene, 'release-package', { package: scene.packageId }, 'RELEASED');
      await inState(journey, scene.vehicleId, 'available');
      const owed = await items(journey, scene, 'payments', {});
      check(at(owed.body, 'numberReturned') === 0, 'an empty journal', owed);
      scene.packageId = await bought(journey, scene, scene.spare);
    },
  },
  {
    title:
      'Confirmed, money is set aside with the partner; the customer’s phone gets a key, and the car starts the leg',
    async run(journey) {
      const scene = scenes.of(journey);
      const { operatorId, clientId, packageId, phone } = scene;
      await twice(journey, scene, 'confirm-purchase', { package: packageId }, 'CONFIRMED');
      const account = await journey.operator.get(`/v1/sharing/operators/${operatorId}/partners/${clientId}/account`);
      const [aside, owed] = ['aside', 'owed'].map((name) => Number(at(account.body, 'accounts', 0, name)));
      check(Number(aside) > 0 && owed === 0, 'money that is set aside, and none that is owed', account);
      const longer = await tomp(journey, scene, 'extend-expiry-time', { package: packageId });
      check(at(longer.body, 'properties', 'customFields', 'extensionsUsed') === 1, 'more time', longer);
      const inputs = { leg: packageId, customFields: { phoneKey: phone.publicKey } };
      await eventually(
        'a key for the phone',
        () => tomp(journey, scene, 'start-leg', inputs),
        (answer) => legOf(answer) === 'READY_TO_USE',
        patience,
      );
      const { body } = await items(journey, scene, 'travel-documents', { packageId });
      phone.keep(String(at(body, 'features', 0, 'properties', 'customFields', 'token')));
      await started(scene, phone);
      await legIs(journey, scene, 'IN_USE');
    },
  },
  {
    title: 'No request ends the leg: it pauses, goes on and ends as the car does, when it is back in its zone',
    async run(journey) {
      const scene = scenes.of(journey);
      const { packageId, phone, body } = scene;
      const early = await tomp(journey, scene, 'end-leg', { leg: packageId });
      check(problem(early) === 'leg-follows-vehicle', 'no end from afar', early);
      await done(scene, phone, 'pause');
      await legIs(journey, scene, 'PAUSED');
      await done(scene, phone, 'resume');
      body.set({ odometer: body.conditions().odometer + 5_400 });
      await done(scene, phone, 'end');
      await legIs(journey, scene, 'ENDED');
      const after = await tomp(journey, scene, 'end-leg', { leg: packageId });
      check(after.status === 200, 'nothing left to be asked for', after);
      await inState(journey, scene.vehicleId, 'available');
    },
  },
  {
    title:
      'The journal says once what the partner owes, the price of the trip to the cent; accepted once, and paid once',
    async run(journey) {
      const scene = scenes.of(journey);
      const { operatorId, clientId, packageId, vehicleId } = scene;
      const { body } = await eventually(
        'a bill that stands',
        () => items(journey, scene, 'packages', { packageId }),
        (answer) => JSON.stringify(at(answer.body, 'links')).includes('confirm-payment'),
        patience,
      );
      const fare = Math.round(Number(at(body, 'properties', 'price', 'amount')) * 100);
      const trips = await journey.operator.get(`/v1/sharing/vehicles/${vehicleId}/trips`);
      check(at(trips.body, 'items', 0, 'total') === fare, `a trip of ${fare} cents`, trips.body);
      const journal = await items(journey, scene, 'payments', { package: packageId });
      const [entry, other] = [0, 1].map((place) => at(journal.body, 'features', place, 'properties'));
      const isFare = at(entry, 'category') === 'FARE' && Math.round(Number(at(entry, 'amount')) * 100) === fare;
      check(isFare && other === undefined, `one entry of ${fare} cents`, journal);
      await twice(journey, scene, 'confirm-payment', { paymentId: packageId }, 'SETTLED');
      const partner = `/v1/sharing/operators/${operatorId}/partners/${clientId}`;
      const account = await journey.operator.get(`${partner}/account`);
      check(at(account.body, 'accounts', 0, 'owed') === fare, `${fare} cents owed`, account);
      for (let round = 0; round < 2; round++) {
        const receipt = { receiptId: 'bank-1', amount: fare, currency: 'EUR', reference: 'Sample app' };
        const received = await journey.operator.post(`${partner}/receipts`, receipt);
        check(at(received.body, 'owed') === 0 && at(received.body, 'aside') === 0, 'nothing left', received);
      }
    },
  },
];
