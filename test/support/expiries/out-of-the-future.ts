import { at, eventually } from '#local/tour/telling.ts';
import { published } from '../device.ts';
import { rawVehicle } from '../raw-vehicle.ts';
import { type Ask, newVin, type Stage } from './stage.ts';

interface Traveller {
  readonly name: string;
  /** How it stands once the clock was set back. */
  readonly after: string;
  make(stage: Stage): Promise<Ask>;
}

const lock = { name: 'doors.lock', expiresInSeconds: 10 };
const prefer = { prefer: 'wait=10' };

/** What has no end of its own, and what a future that is taken back could stop all the same. */
export const outOfTheFuture: readonly Traveller[] = [
  {
    ...{ name: 'a car that stays online', after: 'succeeded' },
    async make(stage) {
      const { vehicleId, car } = await stage.car();
      car.commands.handle('doors.lock', () => undefined);
      const path = `/v1/vehicles/${vehicleId}/commands`;
      return async () => String(at((await stage.operator.post(path, lock, prefer)).body, 'status'));
    },
  },
  {
    ...{ name: 'a car that asks for a code', after: 'good' },
    async make(stage) {
      const { car } = await stage.car();
      await car.ownership.showCode();
      return () => car.ownership.showCode().then(() => 'good');
    },
  },
  {
    ...{ name: 'a car that went and comes again', after: 'good' },
    async make(stage) {
      const { vin, vehicleId, car } = await stage.car();
      await car.close();
      await eventually(
        'a car that is gone',
        () => stage.operator.get(`/v1/vehicles/${vehicleId}`),
        ({ body }) => at(body, 'connection', 'connected') === false,
      );
      return async () => {
        await stage.carNamed(vin).connect();
        await stage.active(vehicleId);
        return 'good';
      };
    },
  },
  {
    ...{ name: 'what is known last of a signal', after: '2' },
    async make(stage) {
      const { vehicleId, identity, client } = await rawVehicle(stage.scene, newVin());
      const told = async (sequence: number) => {
        const start = stage.scene.cloud.clock.now();
        const batch = { sequence, start, signals: { 'Vehicle.Speed': [[0, sequence]] } };
        await published(client, identity.topics.telemetryTopic, JSON.stringify(batch));
        const path = `/v1/vehicles/${vehicleId}/telemetry`;
        const { body } = await eventually(
          `${sequence} as the last value`,
          () => stage.operator.get(path),
          ({ body: seen }) => JSON.stringify(seen).includes(`"value":${sequence}`),
        );
        return String(at(body, 'signals', 'Vehicle.Speed', 'value') ?? sequence);
      };
      await told(1);
      return () => told(2);
    },
  },
];
