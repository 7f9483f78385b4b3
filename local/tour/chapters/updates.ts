import { isDeepStrictEqual } from 'node:util';
import type { SimulatedCar, SimulatedUnit } from '#device-sdk/ota/simulated/simulated-car.ts';
import type { Vehicle } from '#device-sdk/vehicle.ts';
import type { PlannedVehicle } from '#local/factory/fleet-plan.ts';
import { type ApiAnswer, ApiClient } from '../api-client.ts';
import type { Journey, Step } from '../journey.ts';
import { hashes } from '../release-desk.ts';
import { at, check, eventually, problem } from '../telling.ts';
import { claimedFromScreen } from './people.ts';
import { getOnline } from './provisioning.ts';
import { id5 } from './vehicles.ts';

/** As the factory builds them in. */
const units: readonly SimulatedUnit[] = [
  { ecuId: 'gateway', hardwareId: '2604-gw', softwareVersion: '1.0.0', releaseCounter: 1 },
  { ecuId: 'battery', hardwareId: '2604-bms', softwareVersion: '1.0.0', releaseCounter: 1 },
  { ecuId: 'infotainment', hardwareId: '2604-ivi', softwareVersion: '1.0.0', releaseCounter: 1 },
];
const late: PlannedVehicle = { ...id5, vin: 'WVWZZZE2ZMP060002' };
const german: PlannedVehicle = { ...id5, vin: 'WVWZZZE2ZMP060003', market: 'DE' };

const texts = {
  en: { title: 'Software 5.0', notes: 'Charges faster in the cold.', unavailable: 'The car stands still.' },
  fr: { title: 'Logiciel 5.0', notes: 'Charge plus vite par temps froid.', unavailable: 'La voiture reste immobile.' },
};
const minutes = 20;
const preconditions = [{ kind: 'parked' as const }, { kind: 'battery' as const, percent: 40 }];

interface Scene {
  readonly releaseId: string;
  readonly vehicle: Vehicle;
  readonly car: SimulatedCar;
  readonly vehicleId: string;
  campaign: string;
}
const scenes = new WeakMap<Journey, Scene>();

function sceneOf(journey: Journey): Scene {
  const known = scenes.get(journey);
  if (known === undefined) throw new Error('No software has been released yet.');
  return known;
}

async function releasedSoftware({ desk }: Journey): Promise<string> {
  const hardwareIds = units.map(({ hardwareId }) => hardwareId);
  const releaseCounter = await desk.nextCounter(id5.brand, hardwareIds);
  const files = new Map(units.map(({ ecuId }) => [ecuId, Buffer.alloc(40_000, `${ecuId} ${releaseCounter} `)]));
  const images = units.map(({ ecuId, hardwareId }) => {
    const its = { ecuId, hardwareIds: [hardwareId], softwareVersion: '2.0.0', releaseCounter };
    return { ...its, ...hashes(files.get(ecuId) ?? Buffer.alloc(0)) };
  });
  const approvalRecord = {
    purpose: 'Battery heating',
    criticality: 'function' as const,
    affectedSystems: ['Charging'],
    validation: 'Test report CH-2214',
    regulations: [{ regulation: 'UN R100', rxswinBefore: 'R100 A12', rxswinAfter: 'R100 A12' }],
    skilledPersonNeeded: false,
  };
  const content = { softwareVersion: '5.0.0', images, texts, minutes, preconditions, approvalRecord };
  return (await desk.release(id5.brand, content, files)).releaseId;
}

/** Built by the factory, bought by somebody, parked with enough in its battery. */
async function boughtCar(journey: Journey, planned: PlannedVehicle, owner: string) {
  const vehicleId = await journey.registered(planned);
  const { vehicle, car } = journey.updatable(planned.vin, units, await journey.desk.roots());
  car.body.set({ parked: true, ignitionOn: false, battery: 80, charging: false });
  await getOnline(vehicle);
  const claimed = await claimedFromScreen(journey.person(owner), vehicle);
  check(claimed.status === 201 || claimed.status === 200, 'an owner', claimed);
  await softwareIs(journey, vehicleId, '4.0.0');
  return { vehicleId, vehicle, car };
}

function softwareIs({ operator }: Journey, vehicleId: string, version: string, patience?: number) {
  const isThere = ({ body }: { readonly body: unknown }) =>
    at(body, 'status') === 'active' && at(body, 'softwareVersion') === version;
  return eventually(
    `an active car with software ${version}`,
    () => operator.get(`/v1/vehicles/${vehicleId}`),
    isThere,
    patience,
  );
}

/** The car's update in the app of its owner, as soon as it has come so far. */
async function inApp(journey: Journey, owner: string, vehicleId: string, status: string, patience?: number) {
  // An app that asked so often would be told to wait.
  const update = await eventually(
    `an update that is ${status}`,
    () => journey.operator.get(`/v1/vehicles/${vehicleId}/updates`),
    ({ body }) => at(body, 'updates', 0, 'status') === status,
    patience,
  );
  const { body } = await journey.person(owner).get(`/v1/me/vehicles/${vehicleId}/updates`);
  const its = at(body, 'updates', 0);
  check(at(its, 'status') === status, `what the operator sees: ${JSON.stringify(update.body)}`, body);
  return its;
}

/** "Now", said in the app: a day is time enough. What is another offer by then is read again. */
async function saidYes(journey: Journey, owner: string, vehicleId: string, status: string): Promise<ApiAnswer> {
  const { answer } = await eventually(
    'a decision about the present offer',
    async () => {
      const update = await inApp(journey, owner, vehicleId, status);
      const [revision, campaignId] = [at(update, 'revision'), at(update, 'campaignId')];
      const now = journey.now();
      const [from, to] = [now - 60_000, now + 24 * 3_600_000].map((time) => new Date(time).toISOString());
      const path = `/v1/me/vehicles/${vehicleId}/updates/${campaignId}/decision`;
      return { answer: await journey.person(owner).post(path, { kind: 'accept', revision, from, to }) };
    },
    ({ answer }) => problem(answer) !== 'offer-changed',
  );
  return answer;
}

function pick(offer: unknown) {
  return { texts: at(offer, 'texts'), minutes: at(offer, 'minutes'), preconditions: at(offer, 'preconditions') };
}

async function installedOnBoard({ ecus }: SimulatedCar): Promise<void> {
  for (const ecu of ecus) {
    const { slots, running } = await ecu.inspect();
    const runs = slots[running];
    const version = runs.status === 'empty' ? undefined : runs.software.softwareVersion;
    check(version === '2.0.0', `2.0.0 in ${ecu.ecuId}`, runs);
  }
}

export const updateSteps: readonly Step[] = [
  {
    title: 'A release manager uploads software for three control units and signs it at the desk; two others approve it',
    async run(journey) {
      for (const { ecuId, hardwareId } of units) {
        const order = { brand: id5.brand, hardwareId, ecuId, slotBytes: 1_000_000 };
        const { status, body } = await journey.operator.post('/v1/hardware', order);
        check(status === 201 || status === 200, 'hardware that is known', { status, body });
      }
      await journey.desk.roots();
      const releaseId = await releasedSoftware(journey);
      const path = `/v1/releases/${releaseId}/approve`;
      const own = await journey.operator.post(path, undefined);
      check(own.status === 403, 'no approval by who wrote it', own);
      for (const [name, status] of [
        ['quality', 'signed'],
        ['safety', 'approved'],
      ] as const) {
        const { body } = await new ApiClient(journey.cloud, name).post(path, undefined);
        check(at(body, 'status') === status, `a release that is ${status}`, body);
      }
      scenes.set(journey, { releaseId, campaign: '', ...(await boughtCar(journey, id5, 'driver')) });
    },
  },
  {
    title: 'A campaign for the French cars is counted before it starts, and needs two who have not drafted it',
    async run(journey) {
      const scene = sceneOf(journey);
      const { operator, cloud } = journey;
      await journey.registered(german);
      const draft = await operator.post('/v1/campaigns', {
        ...{ name: 'Software 5.0 for France', releaseId: scene.releaseId },
        query: { models: [id5.model], markets: ['FR'] },
        rollout: { rate: { kind: 'unlimited' } },
      });
      check(draft.status === 201, 'a draft', draft);
      scene.campaign = `/v1/campaigns/${at(draft.body, 'campaignId')}`;
      await operator.post(`${scene.campaign}/estimate`, undefined);
      const { body } = await eventually(
        'an estimate',
        () => operator.get(scene.campaign),
        ({ body }) => at(body, 'estimate') !== undefined,
        30_000,
      );
      const reach = { vehicles: at(body, 'estimate', 'vehicles'), french: at(body, 'estimate', 'byMarket', 'FR') };
      check(reach.vehicles === 1 && reach.french === 1, 'one French car', body);
      const early = await operator.post(`${scene.campaign}/start`, undefined);
      check(problem(early) === 'campaign-not-approved', 'no start without approvals', early);
      for (const name of ['quality', 'safety']) {
        const { status, body } = await new ApiClient(cloud, name).post(`${scene.campaign}/approve`, undefined);
        check(status === 200, 'an approval', { status, body });
      }
      const started = await operator.post(`${scene.campaign}/start`, undefined);
      check(at(started.body, 'status') === 'running', 'a running campaign', started);
    },
  },
  {
    title: 'Screen and app say the same: what it brings, how long it takes, what must hold; declined it is silent',
    async run(journey) {
      const { vehicle, vehicleId } = sceneOf(journey);
      const offered = await inApp(journey, 'driver', vehicleId, 'offered', 30_000);
      const screen = await eventually(
        'an offer on the screen',
        () => vehicle.updates?.available,
        (offer) => offer?.state.status === 'offered',
      );
      const wanted = { texts, minutes, preconditions };
      const shown = pick(screen);
      check(isDeepStrictEqual(shown, wanted), 'on the screen what was released', shown);
      const said = pick(at(offered, 'offer'));
      check(isDeepStrictEqual(said, wanted), 'in the app what was released', said);
      vehicle.updates?.decline();
      const declined = await inApp(journey, 'driver', vehicleId, 'declined');
      const days = (Date.parse(String(at(declined, 'offer', 'state', 'remindAt'))) - journey.now()) / 86_400_000;
      check(days > 1.9 && days <= 2, 'a reminder in two days', declined);
    },
  },
  {
    title: 'In an emergency nobody’s yes begins anything, until the campaign goes on',
    async run(journey) {
      const { campaign, vehicleId, car } = sceneOf(journey);
      const { operator } = journey;
      const stopped = await operator.post(`${campaign}/stop`, undefined);
      check(at(stopped.body, 'status') === 'stopped', 'a stopped campaign', stopped);
      const refused = await saidYes(journey, 'driver', vehicleId, 'declined');
      check(problem(refused) === 'offer-withdrawn', 'nothing to accept', refused);
      for (const ecu of car.ecus) check((await ecu.inspect()).running === 'a', 'old software', ecu.ecuId);
      const resumed = await operator.post(`${campaign}/resume`, undefined);
      check(at(resumed.body, 'status') === 'running', 'a running campaign', resumed);
    },
  },
  {
    title: 'Accepted in the app, the car downloads, verifies and installs all control units, and says so',
    async run(journey) {
      const { vehicleId, car } = sceneOf(journey);
      const accepted = await saidYes(journey, 'driver', vehicleId, 'declined');
      check(accepted.status === 200, 'a consent', accepted);
      await inApp(journey, 'driver', vehicleId, 'installed', 90_000);
      await installedOnBoard(car);
      await softwareIs(journey, vehicleId, '5.0.0');
    },
  },
  {
    title: 'The manager sees each vehicle once, by country and model',
    async run(journey) {
      const { campaign } = sceneOf(journey);
      const one = { installed: 1 };
      const exactly = { total: one, byMarket: { FR: one }, byModel: { [id5.model]: one }, byError: {} };
      await eventually(
        'one installed car, in France, of its model',
        () => journey.operator.get(`${campaign}/statistics`),
        ({ body }) =>
          Object.entries(exactly).every(([counts, expected]) => isDeepStrictEqual(at(body, counts), expected)),
        20_000,
      );
    },
  },
  {
    title: 'After the campaign has closed, the owner of a car that came late asks for updates, and gets it',
    async run(journey) {
      const { campaign } = sceneOf(journey);
      const closed = await journey.operator.post(`${campaign}/close`, undefined);
      check(at(closed.body, 'status') === 'closed', 'a closed campaign', closed);
      const { vehicleId, car } = await boughtCar(journey, late, 'second-driver');
      const owner = journey.person('second-driver');
      const found = await owner.post(`/v1/me/vehicles/${vehicleId}/updates/search`, undefined);
      check(at(found.body, 'updates', 0, 'status') === 'offered', 'an update that was found', found);
      const accepted = await saidYes(journey, 'second-driver', vehicleId, 'offered');
      check(accepted.status === 200, 'a consent', accepted);
      await softwareIs(journey, vehicleId, '5.0.0', 90_000);
      await installedOnBoard(car);
      await inApp(journey, 'second-driver', vehicleId, 'installed');
    },
  },
];
