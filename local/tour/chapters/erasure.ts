import type { Journey, Step } from '../journey.ts';
import { at, check, eventually, problem } from '../telling.ts';
import { claimedFromScreen } from './people.ts';
import { getOnline } from './provisioning.ts';
import { id3 } from './vehicles.ts';

const reason = { reason: 'Request of the owner' };
/** Seconds. What was under way is looked for once more after a quarter of an hour, of a person after an hour and five minutes. */
export const untilProven = 66 * 60;

interface Asked {
  readonly vehicleId: string;
  readonly personId: string;
  readonly erasures: string[];
}
const asked = new WeakMap<Journey, Asked>();

function askedIn(journey: Journey): Asked {
  const known = asked.get(journey);
  if (known === undefined) throw new Error('Nobody has asked for an erasure yet.');
  return known;
}

export async function firstSweep(journey: Journey, erasureId: unknown): Promise<void> {
  await eventually(
    'a first sweep that is over',
    () => journey.operator.get(`/v1/erasures/${erasureId}`),
    ({ body }) => at(body, 'status') === 'verifying' || at(body, 'status') === 'done',
    60_000,
  );
}

export const erasureSteps: readonly Step[] = [
  {
    title: 'A person has their data erased: their car is nobody’s, where it was is forgotten, and so are they',
    async run(journey) {
      const vehicleId = await journey.registered(id3);
      const car = journey.vehicle(id3.vin);
      await getOnline(car);
      const leaver = journey.person('leaver');
      const claimed = await claimedFromScreen(leaver, car);
      check(claimed.status === 201 || claimed.status === 200, 'an owner', claimed);
      car.telemetry.record('Vehicle.CurrentLocation.Latitude', 52.4321);
      await car.telemetry.flush();
      const position = () => journey.operator.get(`/v1/vehicles/${vehicleId}/telemetry`);
      await eventually('a position', position, ({ body }) => JSON.stringify(body).includes('52.4321'));
      const personId = String(at((await leaver.get('/v1/me')).body, 'personId'));
      const [first, again] = [
        await leaver.post('/v1/me/erasure', undefined),
        await leaver.post('/v1/me/erasure', undefined),
      ];
      const erasureId = String(at(first.body, 'erasureId'));
      check([200, 202].includes(first.status) && at(again.body, 'erasureId') === erasureId, 'one erasure', again);
      asked.set(journey, { vehicleId, personId, erasures: [erasureId] });
      await firstSweep(journey, erasureId);
      const { body } = await journey.operator.get(`/v1/vehicles/${vehicleId}/ownership`);
      check(at(body, 'owned') === false, 'a car without an owner', body);
      await eventually('no position', position, ({ body }) => !JSON.stringify(body).includes('52.4321'));
      await car.close();
    },
  },
  {
    title: 'A retired vehicle is erased, and nobody finds it any more',
    async run(journey) {
      const { vehicleId, erasures } = askedIn(journey);
      const path = `/v1/vehicles/${vehicleId}`;
      const early = await journey.operator.post(`${path}/erasure`, reason);
      check(problem(early) === 'vehicle-not-retired', 'no erasure of a car on the road', early);
      await journey.operator.post(`${path}/retire`, undefined);
      const erasure = await journey.operator.post(`${path}/erasure`, reason);
      check(erasure.status === 202 || erasure.status === 200, 'an erasure', erasure);
      const erasureId = String(at(erasure.body, 'erasureId'));
      erasures.push(erasureId);
      await firstSweep(journey, erasureId);
      const gone = await journey.operator.get(path);
      check(problem(gone) === 'vehicle-erased', 'no vehicle', gone);
      check(JSON.stringify(gone.body).includes(erasureId), 'where its proof is', gone.body);
    },
  },
  {
    title: 'Both get a proof that names what was erased and what the law keeps, and nobody’s name',
    async run(journey) {
      const { vehicleId, personId, erasures } = askedIn(journey);
      await journey.administrator.letTimePass(untilProven);
      for (const erasureId of erasures) {
        const { body } = await eventually(
          'a proof',
          () => journey.operator.get(`/v1/erasures/${erasureId}`),
          ({ body }) => at(body, 'status') === 'done',
          60_000,
        );
        const proof = at(body, 'proof');
        const text = JSON.stringify(proof);
        const both = at(proof, 'erased', 0, 'category') !== undefined && at(proof, 'kept', 0, 'basis') !== undefined;
        check(both && /^[0-9a-f]{64}$/.test(String(at(proof, 'sha256'))), 'a proof', proof);
        check(![vehicleId, personId, id3.vin].some((name) => text.includes(name)), 'no name in it', proof);
      }
      const back = await journey
        .person('leaver')
        .get('/v1/me')
        .then(({ status }) => `status ${status}`, String);
      check(back.includes('could not sign in'), 'no account any more', back);
    },
  },
];
