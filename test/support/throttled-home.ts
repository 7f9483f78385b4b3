import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { factory } from '#device-sdk/examples/azure-factory.ts';
import { HubOrders } from '#functions/adapters/azure-iot-hub/hub-orders.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { homeName } from '#shared/registry/home.ts';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { administrator } from './aws-clients.ts';
import type { JourneyCloud } from './journey-cloud.ts';

const minute = 60_000;
const audi = { vin: 'WAUZZZGE1LB000088', brand: 'audi', model: 'e-tron', market: 'DE' };
const golf = { vin: 'WVWZZZAUZLW000088', brand: 'volkswagen', model: 'e-Golf', market: 'DE' };

/** What a hub that takes nothing for an hour does to its own vehicles, and what to those of others. */
export function throttledHome(open: () => JourneyCloud): void {
  describe('a hub that throttles for an hour', () => {
    test('loses no order, is no hindrance to other homes, and is told of; who waits hears when to come again', async () => {
      const home = open();
      const { cloud, log } = home;
      const { operator } = home.journey;
      const [there, here] = [await driving(home, audi), await driving(home, golf)];
      const { hub } = cloud.azure ?? {};
      if (hub === undefined || !isVehicleId(there)) throw new Error('There is no hub');
      const sqs = new SQSClient(administrator(cloud.file));
      const queue = async (name: string) =>
        (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl ?? '';
      const orders = new HubOrders(sqs, await queue('fleetloom-dev-hub-orders'), cloud.clock);
      const versionBefore = hub.twins.get(there).desired.version;
      const marks = () => log.filter((line) => line.includes('HubsThrottled')).length;

      const throttled = cloud.faults.plan({ kind: 'fail', hop: 'hub', label: '*', error: 'ThrottlingException' });
      const refused = () => cloud.faults.disturbances.filter(({ faultId }) => faultId === throttled).length;
      const waiting = await operator.post(
        `/v1/vehicles/${there}/commands`,
        { name: 'doors.lock' },
        { prefer: 'wait=5' },
      );
      expect([waiting.status, at(waiting.body, 'type')]).toEqual([503, expect.stringContaining('hub-throttled')]);
      expect(Number(waiting.headers.get('retry-after'))).toBeGreaterThan(0);
      const wish = await operator.patch(`/v1/vehicles/${there}/twins/climate`, { desired: { targetTemperature: 20 } });
      expect([wish.status, wish.headers.has('retry-after')]).toEqual([503, true]);

      for (const step of ['suspend', 'reactivate', 'suspend']) {
        expect((await operator.post(`/v1/vehicles/${there}/${step}`, undefined)).status).toBe(200);
      }
      const twins = orders.twins({ name: homeName('vw-weu'), epoch: 0 });
      for (const order of [1, 2, 3, 4, 5, 6]) await twins.show(there, 'told', [{ order }], order);
      for (let passed = 0; passed < 60; passed += 15) {
        const before = refused();
        cloud.clock.runAhead(cloud.clock.ahead + 15 * minute);
        await eventually('another try', refused, (count) => count > before, 20_000);
        const told = await operator.post(
          `/v1/vehicles/${here}/commands`,
          { name: 'doors.lock' },
          { prefer: 'wait=10' },
        );
        expect(told).toMatchObject({ status: 200, body: { status: 'succeeded' } });
      }
      expect(hub.identities.get(there).status).toBe('enabled');
      expect(hub.twins.get(there).desired.version).toBe(versionBefore);
      // Of more than five the alarm rings (cdk/capabilities/homes.ts).
      expect(marks()).toBeGreaterThan(5);

      cloud.faults.end(throttled);
      const seen = () => {
        const { desired, tags } = hub.twins.get(there);
        return {
          status: hub.identities.get(there).status,
          told: desired.value['told'],
          version: desired.version,
          tags,
        };
      };
      const done = await eventually('every order', seen, ({ status, told }) => {
        cloud.clock.runAhead(cloud.clock.ahead + 2 * minute);
        return status === 'disabled' && at(told, 'order') === 6;
      });
      expect(done.tags).toMatchObject({ orders: { told: 6 } });
      expect(done.version - versionBefore).toBeLessThanOrEqual(6);
      const QueueUrl = await queue('fleetloom-dev-hub-orders-dead');
      const dead = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
      );
      expect(dead.Attributes).toEqual({ ApproximateNumberOfMessages: '0' });
      sqs.destroy();
    }, 180_000);
  });
}

/** Registered, on the road, and its doors obey. @returns its id */
async function driving(home: JourneyCloud, planned: typeof audi): Promise<string> {
  const vehicleId = await home.journey.registered(planned);
  const made = planned.brand === 'audi' ? factory(home.cloud.file, vehicleId) : {};
  const vehicle = home.journey.vehicle(planned.vin, made);
  vehicle.commands.handle('doors.lock', () => undefined);
  await vehicle.connect();
  await home.journey.active(vehicleId, 30_000);
  return vehicleId;
}
