import type { Vehicle } from '#device-sdk/vehicle.ts';
import type { Journey, Step } from '../journey.ts';
import { at, check, eventually } from '../telling.ts';

/** At home in the second device cloud, as its brand is. */
const etron = { vin: 'WAUZZZGE1LB000042', brand: 'audi', model: 'e-tron', market: 'DE' };

const vehicles = new WeakMap<Journey, Vehicle>();

function etronOf(journey: Journey): Vehicle {
  const vehicle = vehicles.get(journey);
  if (vehicle === undefined) throw new Error('The e-tron has not joined the fleet');
  return vehicle;
}

export const homeSteps: readonly Step[] = [
  {
    title: 'A vehicle that is at home in another device cloud joins the same fleet',
    async run(journey) {
      const vehicleId = await journey.registered(etron);
      const vehicle = await journey.elsewhere(etron.vin, vehicleId);
      vehicles.set(journey, vehicle);
      await vehicle.connect();
      check(vehicle.vehicleId === vehicleId, 'the id that the registry gave', vehicle.vehicleId);
      await journey.active(vehicleId, 30_000);
      const { body } = await journey.operator.get(`/v1/vehicles/${vehicleId}`);
      check(at(body, 'home') !== undefined, 'another home', body);
    },
  },
  {
    title: 'Its settings, its commands and its readings go the ways that all vehicles’ go',
    async run(journey) {
      const { operator } = journey;
      const vehicle = etronOf(journey);
      const path = `/v1/vehicles/${vehicle.vehicleId}`;
      vehicle.twin('climate').onDesired(async (desired) => desired);
      const patched = await operator.patch(`${path}/twins/climate`, { desired: { targetTemperature: 19 } });
      check(patched.status === 200, '200', patched);
      await eventually(
        'a converged twin',
        () => operator.get(`${path}/twins/climate`),
        ({ body }) => at(body, 'converged') === true && at(body, 'reported', 'targetTemperature') === 19,
      );
      vehicle.commands.handle('doors.lock', async () => undefined);
      const locked = await operator.post(`${path}/commands`, { name: 'doors.lock' }, { prefer: 'wait=20' });
      check(locked.status === 200 && at(locked.body, 'status') === 'succeeded', 'a command that succeeded', locked);
      vehicle.telemetry.record('Vehicle.Speed', 87.5);
      await eventually(
        'its speed',
        () => operator.get(`${path}/telemetry`),
        ({ body }) => JSON.stringify(body).includes('87.5'),
      );
    },
  },
  {
    title: 'Who is suspended is shut out there too, and comes back when it may',
    async run(journey) {
      const { operator } = journey;
      const vehicle = etronOf(journey);
      const path = `/v1/vehicles/${vehicle.vehicleId}`;
      const suspended = await operator.post(`${path}/suspend`, undefined);
      check(suspended.status === 200, '200', suspended);
      await eventually(
        'no connection',
        () => operator.get(path),
        ({ body }) => at(body, 'connection', 'connected') === false,
      );
      check(vehicle.presence.status === 'offline', 'a vehicle that knows it', vehicle.presence);
      const back = await operator.post(`${path}/reactivate`, undefined);
      check(back.status === 200, '200', back);
      await eventually(
        'online',
        () => Promise.resolve(vehicle.presence.status),
        (status) => status === 'online',
        30_000,
      );
    },
  },
  {
    title: 'It moves to the first device cloud by itself when it is told to, and obeys and reports there',
    async run(journey) {
      const { operator } = journey;
      const vehicle = etronOf(journey);
      const path = `/v1/vehicles/${vehicle.vehicleId}`;
      const asked = await operator.post(`${path}/move`, { to: 'first' });
      check(asked.status === 202 || asked.status === 200, '202', asked);
      await eventually(
        'its arrival',
        () => operator.get(path),
        ({ body }) => at(body, 'home', 'name') === 'first',
        60_000,
      );
      const told = await operator.get(`${path}/twins/climate`);
      check(at(told.body, 'desired', 'targetTemperature') === 19, 'what was desired of it', told);
      const locked = await operator.post(`${path}/commands`, { name: 'doors.lock' }, { prefer: 'wait=20' });
      check(locked.status === 200 && at(locked.body, 'status') === 'succeeded', 'a command that succeeded', locked);
      vehicle.telemetry.record('Vehicle.Speed', 42.25);
      await eventually(
        'its speed',
        () => operator.get(`${path}/telemetry`),
        ({ body }) => JSON.stringify(body).includes('42.25'),
      );
    },
  },
];
