import { describe, expect, test } from 'vitest';
import type { PlannedVehicle } from '#local/factory/fleet-plan.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { aBrand } from '../contract/samples.ts';
import type { JourneyCloud } from './journey-cloud.ts';
import { ReleaseDesk } from './release-desk.ts';
import { anImage } from './sample-release.ts';
import { middle, SharingScene } from './sharing-scene.ts';
import { startedCampaign } from './started-campaign.ts';
import { updatedAudi } from './updated-audi.ts';

/** At home where its brand is. */
export const audi: PlannedVehicle = { vin: 'WAUZZZGE1LB000001', brand: 'audi', model: 'e-tron', market: 'DE' };

/** What the platform does with vehicles of two homes as with those of one: update and share them. */
export function fleetOfTwoHomes(open: () => JourneyCloud): void {
  describe('a campaign for vehicles of two homes', () => {
    test('is offered, accepted, released, installed and stated in both, and counted in one statistic', async () => {
      const { operator } = open().journey;
      const desk = new ReleaseDesk(open().cloud.file, aBrand('audi'));
      const roots = await desk.open();
      const cars = await Promise.all([
        updatedAudi(open(), roots, { ...audi, vin: 'WAUZZZGE1LB000003' }),
        updatedAudi(open(), roots, { ...audi, vin: 'WAUZZZGE1LB000004', home: 'first' }),
      ]);
      const ids = cars.map(({ vehicleId }) => vehicleId);
      const all = () => Promise.all(ids.map(async (id) => (await operator.get(`/v1/vehicles/${id}`)).body));
      const everyone = (version: string) =>
        eventually(version, all, (bodies) => bodies.every((body) => at(body, 'softwareVersion') === version), 30_000);
      expect((await everyone('4.0.0')).map((body) => at(body, 'home', 'name'))).toEqual(['vw-weu', undefined]);
      const bytes = Buffer.alloc(60_000, 'cockpit 2');
      const releaseId = await desk.approved([anImage('cockpit', bytes)], { cockpit: bytes });
      const campaignId = await startedCampaign(open(), releaseId, ids);
      for (const { result, car } of cars) {
        expect(await result).toMatchObject({ outcome: 'installed', safety: 'safe' });
        expect(await car.ecu('cockpit').inspect()).toMatchObject({ running: 'b', releaseCounter: 2 });
        car.close();
      }
      const count = () => operator.get(`/v1/campaigns/${campaignId}/statistics`);
      const counted = await eventually(
        'both installed',
        count,
        ({ body }) => at(body, 'total', 'installed') === 2,
        20_000,
      );
      expect(counted.body).toMatchObject({ total: { installed: 2 }, byMarket: { DE: { installed: 2 } }, byError: {} });
      await everyone('5.0.0');
      const left = () => open().cloud.azure?.hub.twins.get(ids[0] ?? '').desired.value;
      await eventually(
        'nothing to wait for in its twin',
        left,
        (desired) => at(desired, 'rollouts', campaignId) === undefined,
      );
    }, 90_000);
  });

  describe('a shared vehicle of another home', () => {
    test('is put into service, held, opened without a network, driven and billed as every other', async () => {
      const scene = new SharingScene(open());
      await scene.setUp();
      const [car, driver] = await Promise.all([scene.newCar(middle, true), scene.driver()]);
      const twin = open().cloud.azure?.hub.twins.get(car.vehicleId);
      expect(twin?.desired.value).toMatchObject({ sharing: { statement: expect.any(String) } });
      await driver.has(car.vehicleId);
      await car.tunnel.enter();
      await driver.does(car, 'start');
      car.body.set({ odometer: car.body.conditions().odometer + 3_200 });
      await driver.does(car, 'pause', 'resume');
      car.tunnel.leave();
      await scene.inState(car.vehicleId, 'on_trip');
      await driver.does(car, 'end');
      expect(await driver.tripIs('settled')).toMatchObject({ meters: 3_200, payment: { status: 'paid', owed: 0 } });
      await scene.inState(car.vehicleId, 'available');
      scene.close();
    }, 90_000);
  });
}
