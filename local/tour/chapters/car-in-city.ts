import { randomInt } from 'node:crypto';
import type { KeyAnswer } from '#device-sdk/sharing/key-answer.ts';
import type { Phone } from '#device-sdk/sharing/phone.ts';
import type { SimulatedSharedBody } from '#device-sdk/sharing/simulated-shared-body.ts';
import type { Vehicle } from '#device-sdk/vehicle.ts';
import type { PlannedVehicle } from '#local/factory/fleet-plan.ts';
import type { Tunnel } from '#local/simulator/tunnel.ts';
import type { KeyAction } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import type { ApiAnswer } from '../api-client.ts';
import type { Journey } from '../journey.ts';
import { at, check, eventually } from '../telling.ts';
import { getOnline } from './provisioning.ts';
import { city, plan, vehicleType, zones } from './sharing-city.ts';

export const alexanderplatz = { latitude: 52.5219, longitude: 13.4132 };
/** ms */
export const patience = 30_000;

/** A city of its operator's own, and the one car that many people share in it. */
export interface CarInCity {
  readonly operatorId: string;
  readonly systemId: string;
  readonly vehicleId: string;
  /** What stands on its plate. */
  readonly label: string;
  readonly vehicle: Vehicle;
  readonly body: SimulatedSharedBody;
  readonly tunnel: Tunnel;
}

/** What another operator says besides, of itself and of its city. */
interface Besides {
  readonly operator?: object;
  readonly system?: object;
}

/** Another telling in the same cloud is another city. The car is taken into service, and free. */
export async function carInCity(
  journey: Journey,
  planned: PlannedVehicle,
  { operator, system }: Besides = {},
): Promise<CarInCity> {
  const mark = randomInt(2 ** 32).toString(36);
  const [operatorId, systemId, label] = [`tour-${mark}`, `tour-${mark}-berlin`, `B-T ${mark}`];
  const who = { operatorId, name: 'Tour', clientIds: [], email: 'help@example.com', ...operator };
  await posted(journey, '/v1/sharing/operators', who);
  await posted(journey, '/v1/sharing/systems', { ...city, operatorId, systemId, ...system });
  await posted(journey, `/v1/sharing/systems/${systemId}/plans`, plan);
  await posted(journey, `/v1/sharing/systems/${systemId}/zones`, zones);
  const vehicleId = await journey.registered(planned);
  const shared = journey.shareable(planned.vin, { place: alexanderplatz, charge: 78, rangeMeters: 180_000 });
  await getOnline(shared.vehicle);
  await journey.active(vehicleId);
  const order = { vehicleId, vehicleTypeId: vehicleType, label };
  await posted(journey, `/v1/sharing/systems/${systemId}/vehicles`, order);
  await inState(journey, vehicleId, 'available');
  return { operatorId, systemId, vehicleId, label, ...shared };
}

/** What each step of a chapter finds again, telling by telling. */
export class Scenes<Scene> {
  readonly #scenes = new WeakMap<Journey, Scene>();

  begin(journey: Journey, scene: Scene): void {
    this.#scenes.set(journey, scene);
  }

  of(journey: Journey): Scene {
    const known = this.#scenes.get(journey);
    if (known === undefined) throw new Error('No city has been set up yet.');
    return known;
  }
}

async function posted({ operator }: Journey, path: string, body: unknown): Promise<unknown> {
  const answer = await operator.post(path, body);
  check(answer.status === 201 || answer.status === 200, `POST ${path} to succeed`, answer);
  return answer.body;
}

/** With an account, and papers that somebody has seen. */
export async function aDriver(journey: Journey, name: string, operatorId: string): Promise<void> {
  const person = journey.person(name);
  const joined = await person.post(`/v1/me/sharing/${operatorId}/account`, { paymentMethod: 'sandbox-card' });
  check(joined.status === 201 || joined.status === 200, 'an account', joined);
  const personId = at((await person.get('/v1/me')).body, 'personId');
  const papers = { bornOn: '1990-05-31', licence: { classes: ['B'], validUntil: '2041-05-31' } };
  await posted(journey, `/v1/sharing/operators/${operatorId}/drivers/${personId}/verify`, papers);
}

export function inState({ operator }: Journey, vehicleId: string, state: string): Promise<ApiAnswer> {
  return eventually(
    `a car that is ${state}`,
    () => operator.get(`/v1/sharing/vehicles/${vehicleId}`),
    ({ body }) => at(body, 'state') === state,
    patience,
  );
}

/** As one who asks for it by the phone beside the car, over Bluetooth as it were. */
export async function byPhone({ vehicle }: CarInCity, phone: Phone, action: KeyAction): Promise<KeyAnswer> {
  const { sharing } = vehicle;
  if (sharing === undefined) throw new Error('This car is not shared.');
  return sharing.present(await phone.answer(action, sharing.challenge()));
}

export async function done(car: CarInCity, phone: Phone, action: KeyAction): Promise<void> {
  const answer = await byPhone(car, phone, action);
  check(answer.kind === 'done', `${action} by the phone`, answer);
}

/** The first time: a car that has just been connected may not have heard yet whose keys it takes. */
export async function started(car: CarInCity, phone: Phone): Promise<void> {
  await eventually(
    'a car that takes the key',
    () => byPhone(car, phone, 'start'),
    ({ kind }) => kind === 'done',
    patience,
  );
}
