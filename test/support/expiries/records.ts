import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { published } from '../device.ts';
import { rawVehicle } from '../raw-vehicle.ts';
import { Transfers } from '../transfers.ts';
import { type Ask, type Make, newVin, type Stage } from './stage.ts';
import { type Place, Tables } from './tables.ts';

const hour = 3_600_000;
/** On a machine that has much else to do. */
const patience = 40_000;

/** What the tables keep for a time: it goes by their time to live, and comes back by no clock. */
export const ofRecords: Readonly<Record<string, Make>> = {
  async 'the history of telemetry'(stage) {
    const { vehicleId, identity, client } = await rawVehicle(stage.scene, newVin());
    const batch = { sequence: 1, start: stage.scene.cloud.clock.now(), signals: { 'Vehicle.Speed': [[0, 42]] } };
    await published(client, identity.topics.telemetryTopic, JSON.stringify(batch));
    return kept(stage, { table: 'Telemetry', pk: vehicleId, sk: 'h#' });
  },
  async 'what is known of a command'(stage) {
    const { vehicleId, identity, client } = await rawVehicle(stage.scene, newVin());
    await client.subscribe(identity.topics.commandTopic);
    await stage.active(vehicleId);
    const order = { name: 'doors.lock', expiresInSeconds: 60 };
    const { body } = await stage.operator.post(`/v1/vehicles/${vehicleId}/commands`, order);
    return kept(stage, { table: 'Commands', pk: vehicleId, sk: String(at(body, 'commandId')) });
  },
  async 'what is known of an import'(stage) {
    const { importId } = await new Transfers(stage.operator).start('csv');
    return kept(stage, { table: 'Tasks', pk: `import#${importId}` });
  },
  async 'what is known of an export'(stage) {
    const { body } = await stage.operator.post('/v1/exports', { format: 'csv', model: 'none', reason: 'Test' });
    return kept(stage, { table: 'Tasks', pk: `export#${at(body, 'exportId')}` });
  },
  async 'an audit record'(stage) {
    const vehicleId = await stage.scene.journey.registered({ ...golf, vin: newVin() });
    await stage.operator.post(`/v1/vehicles/${vehicleId}/retire`, undefined);
    return kept(stage, { table: 'Audit', pk: `vehicle#${vehicleId}` });
  },
};

async function kept(stage: Stage, place: Place): Promise<readonly [Ask, Ask, Ask]> {
  const there: Ask = async () => ((await new Tables(stage).items(place)).length > 0 ? 'good' : 'gone');
  await eventually('a record', there, (now) => now === 'good');
  const { clock } = stage.scene.cloud;
  // The next sweep is planned when one is through: as long as that runs, the clock may have passed it by.
  let asked = 0;
  const later: Ask = () => {
    asked += 1;
    if (asked % 20 === 0) clock.runAhead(clock.ahead + hour);
    return there();
  };
  return [there, () => eventually('a sweep', later, (now) => now === 'gone', patience), there];
}
