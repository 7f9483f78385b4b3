import { Phone } from '#device-sdk/sharing/phone.ts';
import type { Step } from '../journey.ts';
import { at, check, eventually, problem } from '../telling.ts';
import {
  aDriver,
  alexanderplatz,
  byPhone,
  type CarInCity,
  carInCity,
  done,
  inState,
  patience,
  Scenes,
} from './car-in-city.ts';
import { bowTie } from './sharing-city.ts';
import { cityGolf } from './vehicles.ts';

/** Beyond the last zone in which a trip may end. */
const airport = { latitude: 52.3667, longitude: 13.5033 };

interface Scene extends CarInCity {
  readonly phone: Phone;
  reservationId: string;
}
const scenes = new Scenes<Scene>();

function search(minimumRange: number): string {
  const { latitude, longitude } = alexanderplatz;
  return `?${new URLSearchParams({
    ...{ latitude: `${latitude - 0.002}`, longitude: `${longitude}`, radius: '1000' },
    minimumRange: `${minimumRange}`,
  })}`;
}

export const sharingSteps: readonly Step[] = [
  {
    title: 'An operator puts a car into a city with its zones and prices; a zone that crosses itself is refused',
    async run(journey) {
      const car = await carInCity(journey, cityGolf);
      const crossing = await journey.operator.post(`/v1/sharing/systems/${car.systemId}/zones`, bowTie);
      check(crossing.status >= 400 && JSON.stringify(crossing.body).includes('cross'), 'a refused zone', crossing);
      scenes.begin(journey, { ...car, phone: new Phone(), reservationId: '' });
    },
  },
  {
    title: 'A driver finds the car that goes far enough, holds it, and holds on longer; nobody else gets it',
    async run(journey) {
      const scene = scenes.of(journey);
      const { operatorId, systemId, vehicleId } = scene;
      for (const name of ['driver', 'second-driver']) await aDriver(journey, name, operatorId);
      const [driver, second] = [journey.person('driver'), journey.person('second-driver')];
      const found = await eventually(
        'the car, a short walk away',
        async () => {
          // An app that asked more often would be told to wait; what is found is some seconds old.
          await journey.pause(700);
          return driver.get(`/v1/me/sharing/systems/${systemId}/vehicles${search(150_000)}`);
        },
        ({ body }) => at(body, 'items', 0, 'vehicleId') === vehicleId,
        patience,
      );
      const walk = Number(at(found.body, 'items', 0, 'walk', 'minutes'));
      check(walk >= 2 && walk <= 6, 'a walk of some minutes', found.body);
      const farther = await driver.get(`/v1/me/sharing/systems/${systemId}/vehicles${search(200_000)}`);
      check(at(farther.body, 'items', 0) === undefined, 'none that goes 200 km', farther.body);
      const path = `/v1/me/sharing/${operatorId}/reservations`;
      const held = await driver.post(path, { vehicleId });
      check(held.status === 201 || held.status === 200, 'a hold', held);
      scene.reservationId = String(at(held.body, 'reservationId'));
      const taken = await second.post(path, { vehicleId });
      check(problem(taken) === 'vehicle-reserved', 'no car for the second one', taken);
      const longer = await driver.post(`${path}/${scene.reservationId}/extend`, undefined);
      const [before, after] = [held, longer].map(({ body }) => Date.parse(String(at(body, 'expiresAt'))));
      check(Number(after) - Number(before) === 15 * 60_000, 'a quarter of an hour more', longer);
    },
  },
  {
    title: 'The phone gets a key; in a garage without network it opens the car, and a copy on another phone does not',
    async run(journey) {
      const scene = scenes.of(journey);
      const { operatorId, vehicleId, reservationId, phone, vehicle, tunnel, body } = scene;
      const path = `/v1/me/sharing/${operatorId}/reservations/${reservationId}/key`;
      const foreign = await journey.person('second-driver').post(path, { phoneKey: phone.publicKey });
      check(problem(foreign) === 'reservation-not-found', 'no key for anybody else', foreign);
      const issued = await eventually(
        'a key',
        () => journey.person('driver').post(path, { phoneKey: phone.publicKey }),
        ({ status }) => status === 201,
        patience,
      );
      const token = String(at(issued.body, 'token'));
      phone.keep(token);
      const thief = new Phone();
      thief.keep(token);
      await eventually(
        'a car that knows whose keys it takes',
        () => byPhone(scene, thief, 'start'),
        (answer) => answer.kind === 'refused' && answer.reason === 'proof-wrong',
        patience,
      );
      await tunnel.enter();
      check(vehicle.presence.status === 'offline', 'a car without network', vehicle.presence);
      await done(scene, scene.phone, 'start');
      check(!body.locked && !body.immobilised, 'an open car that drives', body.conditions());
      const { body: known } = await journey.operator.get(`/v1/sharing/vehicles/${vehicleId}`);
      check(at(known, 'use', 'startedAt') === undefined, 'a cloud that knows nothing of it', known);
    },
  },
  {
    title: 'The car drives, pauses at a shop and goes on; out of the garage, the cloud hears of it all in order',
    async run(journey) {
      const scene = scenes.of(journey);
      const { vehicleId, reservationId, body, tunnel } = scene;
      body.set({ ignitionOn: true, speed: 50 });
      body.set({ speed: 0, ignitionOn: false, odometer: body.conditions().odometer + 3_200 });
      await done(scene, scene.phone, 'pause');
      check(body.locked, 'a locked car', body.conditions());
      await done(scene, scene.phone, 'resume');
      tunnel.leave();
      const { body: known } = await inState(journey, vehicleId, 'on_trip');
      check(at(known, 'use', 'reservationId') === reservationId, 'the trip of the driver', known);
    },
  },
  {
    title: 'A trip that cannot end says every reason at once, and costs on; inside the zone it ends',
    async run(journey) {
      const scene = scenes.of(journey);
      const { body, vehicleId } = scene;
      body.set({ place: airport, doorsClosed: false, keyInside: false, odometer: body.conditions().odometer + 20_000 });
      const refused = await byPhone(scene, scene.phone, 'end');
      const unmet = refused.kind === 'refused' ? (refused.unmet ?? []) : [];
      const all = ['door-open', 'key-outside', 'outside-zone'];
      check(
        all.every((one) => unmet.some((found) => found === one)),
        `${all.join(', ')} at once`,
        refused,
      );
      body.set({ place: alexanderplatz, doorsClosed: true, keyInside: true });
      await done(scene, scene.phone, 'end');
      check(body.locked && body.immobilised, 'a car that is locked for good', body.conditions());
      const again = await byPhone(scene, scene.phone, 'start');
      check(again.kind === 'refused', 'a key that opens nothing any more', again);
      await inState(journey, vehicleId, 'available');
    },
  },
  {
    title: 'The bill has every line, the tax of the country and one payment; the next driver gets the car',
    async run(journey) {
      const { operatorId, reservationId, vehicleId } = scenes.of(journey);
      const trip = await eventually(
        'a settled trip',
        () => journey.person('driver').get(`/v1/me/sharing/${operatorId}/trips/${reservationId}`),
        ({ body }) => at(body, 'status') === 'settled',
        patience,
      );
      const lines = at(trip.body, 'bill', 'lines');
      const amounts = Array.isArray(lines) ? lines.map((line) => [at(line, 'item'), at(line, 'amount')]) : [];
      const cost = Object.fromEntries(amounts);
      check(cost.unlock === 100 && cost.kilometres === 24 * 19, 'the fee and 24 kilometres begun', lines);
      check(cost.driving % 29 === 0 && cost.pausing % 9 === 0, 'minutes of driving and pausing', lines);
      const total = amounts.reduce((sum, [, amount]) => sum + Number(amount), 0);
      check(at(trip.body, 'total') === total, `${total} cents in all`, trip.body);
      check(at(trip.body, 'bill', 'vat', 'percent') === 19, 'the tax of Germany', trip.body);
      check(at(trip.body, 'payment', 'taken') === total, 'all of it, once', trip.body);
      const path = `/v1/me/sharing/${operatorId}/reservations`;
      const next = await journey.person('second-driver').post(path, { vehicleId });
      check(next.status === 201 || next.status === 200, 'a hold by the second driver', next);
      const cancelled = await journey
        .person('second-driver')
        .post(`${path}/${at(next.body, 'reservationId')}/cancel`, undefined);
      check(at(cancelled.body, 'status') === 'cancelled', 'a cancelled hold', cancelled);
    },
  },
];
