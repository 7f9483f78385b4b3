import { expect, test } from 'vitest';
import { transportOf } from '#device-sdk/examples/azure-factory.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { aBrand } from '../contract/samples.ts';
import { audi } from './fleet-of-two-homes.ts';
import type { JourneyCloud } from './journey-cloud.ts';
import { callMoves, hub } from './moved-vehicle.ts';
import { ReleaseDesk } from './release-desk.ts';
import { anImage } from './sample-release.ts';
import { startedCampaign } from './started-campaign.ts';
import { updatedAudi } from './updated-audi.ts';

/** A campaign goes on where its vehicle goes. */
export function movedWithConsent(open: () => JourneyCloud): void {
  test('a vehicle that has consented to an update, and is not parked, takes its consent along and installs it there', async () => {
    const { operator } = open().journey;
    const desk = new ReleaseDesk(open().cloud.file, aBrand('audi'));
    const roots = await desk.open();
    const planned = { ...audi, vin: 'WAUZZZGE1LB000012', home: 'first' };
    const elsewhere = [transportOf(open().cloud.file)];
    const { vehicle, vehicleId, car, result } = await updatedAudi(open(), roots, planned, { elsewhere });
    car.body.set({ parked: false });
    let asked = 0;
    const waits: unknown[] = [];
    vehicle.updates?.onOffer((offer) => {
      if (offer?.state.status === 'offered') asked += 1;
    });
    vehicle.updates?.onProgress(({ waitsFor }) => void waits.push(waitsFor));
    const seen = async () => (await operator.get(`/v1/vehicles/${vehicleId}`)).body;
    await eventually('its software', seen, (body) => at(body, 'softwareVersion') === '4.0.0', 30_000);
    const bytes = Buffer.alloc(60_000, 'cockpit 2');
    const releaseId = await desk.approved([anImage('cockpit', bytes)], { cockpit: bytes });
    const campaignId = await startedCampaign(open(), releaseId, [vehicleId]);
    await eventually(
      'a wait',
      () => waits.at(-1),
      (reason) => reason !== undefined,
      30_000,
    );

    expect(await operator.post(`/v1/vehicles/${vehicleId}/move`, { to: hub })).toMatchObject({ status: 202 });
    await eventually('settled', seen, (body) => at(body, 'move', 'step') === 'settled', 60_000);
    expect(vehicle.home?.name).toBe(hub);
    expect(vehicle.updates?.isInstalling).toBe(false);
    car.body.set({ parked: true });
    expect(await result).toMatchObject({ outcome: 'installed', safety: 'safe' });
    expect(await car.ecu('cockpit').inspect()).toMatchObject({ running: 'b', releaseCounter: 2 });
    expect(asked).toBe(1);
    const count = () => operator.get(`/v1/campaigns/${campaignId}/statistics`);
    const isCounted = ({ body }: { readonly body: unknown }) => at(body, 'total', 'installed') === 1;
    const { body } = await eventually('one installed', count, isCounted, 20_000);
    expect(body).toMatchObject({ byMarket: { DE: { installed: 1 } }, byError: {} });
    expect(at(body, 'total')).toEqual({ installed: 1 });
    car.close();

    // Of a twin that was lost nothing is left, not even what was said last.
    open().cloud.azure?.hub.twins.patchByService(vehicleId, { tags: { orders: null } });
    await callMoves(open(), { vehicleId, again: true });
    const said = () => at(open().cloud.azure?.hub.twins.get(vehicleId).tags, 'orders');
    await eventually('everything said again', said, (orders) => orders !== undefined, 20_000);
  }, 120_000);
}
