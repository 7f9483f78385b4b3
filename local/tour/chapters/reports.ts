import type { Step } from '../journey.ts';
import { at, check, eventually } from '../telling.ts';

const soc = 'Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed';

export const reportSteps: readonly Step[] = [
  {
    title: 'What the vehicle measures is readable: the last known value, and the history',
    async run(journey) {
      const vehicleId = journey.golf.vehicleId ?? '';
      const now = journey.golf.now();
      for (const [age, speed] of [30, 50, 70].entries()) {
        journey.golf.telemetry.record('Vehicle.Speed', speed, { at: now - 3_000 + age * 1_000 });
      }
      journey.golf.telemetry.record(soc, 81.5);
      await journey.golf.telemetry.flush();
      await eventually(
        'the last speed and the charge',
        () => journey.operator.get(`/v1/vehicles/${vehicleId}/telemetry`),
        ({ body }) => {
          const value = (path: string) => at(body, 'signals', path, 'value');
          return value('Vehicle.Speed') === 70 && value(soc) === 81.5;
        },
      );
      const from = encodeURIComponent(new Date(now - 60_000).toISOString());
      const history = await journey.operator.get(
        `/v1/vehicles/${vehicleId}/telemetry/history?signal=Vehicle.Speed&from=${from}`,
      );
      const readings = at(history.body, 'readings');
      const values = Array.isArray(readings) ? readings.map((reading: unknown) => at(reading, 'value')) : readings;
      check(JSON.stringify(values) === '[30,50,70]', 'the three speeds in order', history.body);
    },
  },
  {
    title: 'Where a car is and how far it has come is for those who may know',
    async run({ nobody, golf }) {
      const refused = await nobody.get(`/v1/vehicles/${golf.vehicleId}/telemetry`);
      check(refused.status === 403, '403 without the scope', refused);
    },
  },
  {
    title: 'The vehicle tells which control units and which RXSWIN it has, and is found by its software',
    async run({ operator, golf }) {
      await eventually(
        'the inventory',
        () => operator.get(`/v1/vehicles/${golf.vehicleId}/ecus`),
        ({ body }) => at(body, 'ecus', 0, 'ecuId') === 'gateway' && at(body, 'rxswins', 'UN R79') === 'VW-R79-0012',
      );
      await eventually(
        'the vehicle in the search',
        () => operator.get('/v1/vehicles?brand=volkswagen&softwareVersion=5.4.1&limit=100'),
        ({ body }) => JSON.stringify(body).includes(String(golf.vehicleId)),
      );
    },
  },
];
