import type { PlannedVehicle } from '#local/factory/fleet-plan.ts';
import type { Journey, Step } from '../journey.ts';
import { type Heard, isGenuine, type Receiver, signedBy } from '../receiver.ts';
import { at, check, eventually } from '../telling.ts';

/** Of the brand that the partner asks for; the last one is of another. None of them is ever built. */
const polos = [1, 2, 3, 4].map((number) => {
  return { vin: `WVWZZZAWZLU09000${number}`, brand: 'volkswagen', model: 'Polo', market: 'DE' };
});
const rifter: PlannedVehicle = { vin: 'VR3UHZKXZMT090001', brand: 'peugeot', model: 'Rifter', market: 'FR' };
/** A queue brings again after minutes what somebody dropped. */
const patience = 30_000;

interface Scene {
  readonly receiver: Receiver;
  readonly path: string;
  readonly secret: string;
  /** The vehicle of the first step. */
  readonly vehicleId: string;
}
const scenes = new WeakMap<Journey, Scene>();

function sceneOf(journey: Journey): Scene {
  const known = scenes.get(journey);
  if (known === undefined) throw new Error('No partner has a webhook yet.');
  return known;
}

function polo(number: number): PlannedVehicle {
  const found = polos[number];
  if (found === undefined) throw new RangeError('So many Polos there are not');
  return found;
}

/** What the message says, of this vehicle. */
function isOf({ body }: Heard, type: string, vehicleId: string): boolean {
  const told: unknown = JSON.parse(body);
  return at(told, 'type') === type && at(told, 'data', 'vehicleId') === vehicleId;
}

async function hears(receiver: Receiver, type: string, vehicleId: string, answered: Heard['answered'] = 204) {
  const message = await eventually(
    `${type} of ${vehicleId}`,
    () => receiver.heard.find((one) => isOf(one, type, vehicleId) && one.answered === answered),
    (one) => one !== undefined,
    patience,
  );
  if (message === undefined) throw new Error('Nothing was heard');
  return message;
}

const idOf = ({ headers }: Heard) => String(headers['webhook-id']);

/** The ids of all that stand in this list, once those of the messages do. */
async function listed({ operator }: Journey, { path }: Scene, status: string, messages: readonly Heard[]) {
  const { body } = await eventually(
    `${messages.map(idOf)} to be ${status}`,
    () => operator.get(`${path}/deliveries?status=${status}&limit=100`),
    (answer) => messages.every((one) => JSON.stringify(answer.body).includes(idOf(one))),
    patience,
  );
  const items = at(body, 'items');
  return Array.isArray(items) ? items.map((item) => String(at(item, 'deliveryId'))) : [];
}

async function switched({ operator }: Journey, { path }: Scene, enabled: boolean): Promise<void> {
  const answer = await operator.patch(path, { enabled }, { 'content-type': 'application/json' });
  const status = enabled ? 'active' : 'disabled';
  check(answer.status === 200 && at(answer.body, 'status') === status, `a webhook that is ${status}`, answer);
}

export const webhookSteps: readonly Step[] = [
  {
    title: 'A partner’s server is told of its brand’s cars alone, and proves by itself who says so, and when',
    async run(journey) {
      const receiver = await journey.receiver();
      const order = { url: receiver.url, types: ['vehicle.registered', 'vehicle.retired'], brand: 'volkswagen' };
      const { status, body } = await journey.operator.post('/v1/webhooks', order);
      const [webhookId, secret] = [at(body, 'webhookId'), String(at(body, 'secretText'))];
      check(status === 201 && secret.startsWith('whsec_'), 'a webhook and its secret', { status, body });
      const foreign = await journey.registered(rifter);
      const vehicleId = await journey.registered(polo(0));
      const scene = { receiver, path: `/v1/webhooks/${webhookId}`, secret, vehicleId };
      scenes.set(journey, scene);
      const told = await hears(receiver, 'vehicle.registered', vehicleId);
      check(isGenuine(secret, told), 'a signature of today', told);
      check(!isGenuine(secret, { ...told, body: told.body.replace('DE', 'FR') }), 'no other words under it', told);
      check(!isGenuine(secret, { ...told, at: told.at + 3_600_000 }), 'no message of an hour ago', told);
      await listed(journey, scene, 'delivered', [told]);
      check(!JSON.stringify(receiver.heard).includes(foreign), 'nothing of another brand', foreign);
    },
  },
  {
    title: 'While its secret is changed, the server verifies by the former one or the new one, whichever it has',
    async run(journey) {
      const scene = sceneOf(journey);
      const { receiver, path, secret, vehicleId } = scene;
      const rotated = await journey.operator.post(`${path}/rotate-secret`, {});
      const fresh = String(at(rotated.body, 'secretText'));
      check(rotated.status === 200 && fresh !== secret, 'another secret', rotated.status);
      const retired = await journey.operator.post(`/v1/vehicles/${vehicleId}/retire`, undefined);
      check(retired.status === 200, 'a car that has left', retired);
      const told = await hears(receiver, 'vehicle.retired', vehicleId);
      check(signedBy(fresh, told).join() === 'true,false', 'signed with the new secret first', told);
      check(signedBy(secret, told).join() === 'false,true', 'and with the former one', told);
      await listed(journey, scene, 'delivered', [told]);
    },
  },
  {
    title: 'What a broken server missed is kept for the partner, and comes by replay under the ids it had',
    async run(journey) {
      const scene = sceneOf(journey);
      const { receiver, path } = scene;
      const missed: Heard[] = [];
      for (const [number, fault] of [[1, 500] as const, [2, 'cut'] as const]) {
        receiver.answers = fault;
        const vehicleId = await journey.registered(polo(number));
        missed.push(await hears(receiver, 'vehicle.registered', vehicleId, fault));
      }
      await switched(journey, scene, false);
      const dead = await listed(journey, scene, 'dead', missed);
      receiver.answers = 204;
      await switched(journey, scene, true);
      for (const deliveryId of dead) {
        const replayed = await journey.operator.post(`${path}/deliveries/${deliveryId}/replay`, undefined);
        check(replayed.status === 202, 'a replay', replayed);
      }
      await listed(journey, scene, 'delivered', missed);
      for (const one of missed) {
        const again = receiver.heard.find((other) => idOf(other) === idOf(one) && other.answered === 204);
        check(again?.body === one.body, 'the same words under the same id', again);
      }
      await switched(journey, scene, false);
      // Nobody is told of it.
      await journey.registered(polo(3));
    },
  },
];
