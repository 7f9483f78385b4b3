import { ProvisioningRefused } from '#device-sdk/questions.ts';
import type { Vehicle } from '#device-sdk/vehicle.ts';
import type { Journey, Step } from '../journey.ts';
import { at, check } from '../telling.ts';
import { golf, peugeot } from './vehicles.ts';

/** Connects, and again where it is refused: a hook that is out of order for a moment lets nobody in either. */
export async function getOnline(vehicle: Vehicle): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await vehicle.connect();
    } catch (error) {
      if (!(error instanceof ProvisioningRefused) || attempt === 4) throw error;
    }
  }
}

/** Registers, provisions, connects, and waits until the API says so. */
export async function onTheRoad(journey: Journey): Promise<string> {
  const vehicleId = await journey.registered(golf);
  await getOnline(journey.golf);
  await journey.active(vehicleId);
  return vehicleId;
}

export const provisioningSteps: readonly Step[] = [
  {
    title: 'Who has no token, or a token without the scope, is not let in',
    async run({ cloud, nobody }) {
      const stranger = await fetch(`${cloud.api.baseUrl}/v1/vehicles`);
      check(stranger.status === 401, 'a 401 for a stranger', stranger.status);
      const { status, body } = await nobody.get('/v1/vehicles');
      check(status === 403 && at(body, 'requestId') !== undefined, 'a 403 problem for a client without scopes', body);
    },
  },
  {
    title: 'An operator registers a vehicle once, however often it is told to',
    async run({ operator }) {
      const first = await operator.post('/v1/vehicles', golf);
      check(first.status === 201, '201', first);
      const again = await operator.post('/v1/vehicles', golf);
      const same = at(again.body, 'vehicleId') === at(first.body, 'vehicleId');
      check(again.status === 200 && same, '200 and the same vehicle', again);
      const other = await operator.post('/v1/vehicles', { ...golf, model: 'ID.4' });
      check(other.status === 409, '409 for other data', other);
      const wrong = await operator.post('/v1/vehicles', { ...golf, vin: 'WVWZZZAUZLWOI0001' });
      check(wrong.status === 400 && JSON.stringify(wrong.body).includes('/vin'), 'a 400 that names /vin', wrong);
    },
  },
  {
    title: 'A vehicle that nobody expects is refused',
    async run(journey) {
      const stranger = journey.vehicle('WVWZZZAUZLW099999');
      const outcome = await stranger.provision().then(
        () => 'was let in',
        (error: unknown) => (error instanceof Error ? error.name : String(error)),
      );
      check(outcome === 'ProvisioningRefused', 'a refusal', outcome);
      await stranger.close();
    },
  },
  {
    title: 'The expected vehicle makes its key on board, provisions itself over mTLS and becomes active',
    async run(journey) {
      const vehicleId = await onTheRoad(journey);
      const { body } = await journey.operator.get(`/v1/vehicles/${vehicleId}`);
      check(at(body, 'vin') === golf.vin, 'the VIN for who may read it', body);
    },
  },
  {
    title: 'A second vehicle with the same VIN is refused',
    async run(journey) {
      const twin = journey.vehicle(golf.vin, {}, 'an-impostor');
      const outcome = await twin.provision().then(
        () => 'was let in',
        (error: unknown) => (error instanceof Error ? error.name : String(error)),
      );
      check(outcome === 'ProvisioningRefused', 'a refusal', outcome);
      await twin.close();
    },
  },
  {
    title: 'A partner sees the vehicles of its brands, and no trace of others',
    async run(journey) {
      const foreign = await journey.registered(peugeot);
      const hidden = await journey.reader.get(`/v1/vehicles/${foreign}`);
      check(hidden.status === 404, '404 for a vehicle of another brand', hidden);
      const { status, body } = await journey.reader.get('/v1/vehicles');
      const listed = JSON.stringify(body);
      check(status === 200 && !listed.includes(foreign), 'a list without it', body);
    },
  },
];
