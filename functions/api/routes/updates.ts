import type { Caller } from '#shared/access/caller.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { ProblemCode } from '../problem-catalogue.ts';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import type { VehicleServices } from '../services.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import {
  decisionExamples,
  decisionOf,
  decisionSchema,
  ofVehiclePath,
  oneUpdatePath,
  tag,
  updateExample,
  updateSchema,
  updatesReply,
  viewOf,
} from './update-view.ts';

const reply = { description: 'The update as it is now', schema: updateSchema, example: updateExample };
const lifeCycle: readonly ProblemCode[] = ['vehicle-not-found'];

const listUpdates = route({
  ...{ method: 'GET', path: '/v1/vehicles/{vehicleId}/updates', operationId: 'listVehicleUpdates', tag },
  summary: 'The updates of one vehicle, of all campaigns',
  scopes: ['read_campaigns', 'assist_updates'],
  pathSchema: ofVehiclePath,
  ...pathAlone,
  replies: { 200: updatesReply('What becomes of each, the newest first') },
  problems: lifeCycle,
  async handle({ path: { vehicleId }, caller }, services) {
    await services.vehicles.require(caller, vehicleId);
    return { status: 200, body: { updates: (await services.updates.ofVehicle(vehicleId)).map(viewOf) } };
  },
});

const getUpdate = route({
  ...{ method: 'GET', path: '/v1/vehicles/{vehicleId}/updates/{campaignId}', operationId: 'getVehicleUpdate', tag },
  summary: 'One vehicle’s update of one campaign',
  scopes: ['read_campaigns', 'assist_updates'],
  pathSchema: oneUpdatePath,
  ...pathAlone,
  replies: { 200: reply },
  problems: [...lifeCycle, 'update-not-found'],
  async handle({ path: { vehicleId, campaignId }, caller }, services) {
    await services.vehicles.require(caller, vehicleId);
    return { status: 200, body: viewOf(await services.updates.get(vehicleId, campaignId)) };
  },
});

const cancelUpdate = route({
  ...{ method: 'POST', path: '/v1/vehicles/{vehicleId}/updates/{campaignId}/cancel', tag },
  ...{ operationId: 'cancelVehicleUpdate', scopes: ['assist_updates'], audit: 'update.cancel' },
  summary: 'Cancel the update of one vehicle',
  description: 'Unless its control units are being written: that is finished.',
  pathSchema: oneUpdatePath,
  ...pathAlone,
  replies: { 200: reply },
  problems: [...lifeCycle, 'update-not-found', 'update-over', 'update-installing', 'contended'],
  permit: ({ path, caller }, services) => requireVehicle(services, caller, path.vehicleId),
  async handle({ path: { vehicleId, campaignId }, caller }, services) {
    await services.vehicles.require(caller, vehicleId);
    return { status: 200, body: viewOf(await services.updates.cancel(vehicleId, campaignId, caller.clientId)) };
  },
});

const retryUpdate = route({
  ...{ method: 'POST', path: '/v1/vehicles/{vehicleId}/updates/{campaignId}/retry', tag },
  ...{ operationId: 'retryVehicleUpdate', scopes: ['assist_updates'], audit: 'update.retry' },
  summary: 'Have a failed update tried once more',
  pathSchema: oneUpdatePath,
  ...pathAlone,
  replies: { 200: reply },
  problems: [
    ...lifeCycle,
    ...(['update-not-found', 'update-over', 'update-not-failed', 'update-installing', 'vehicle-unsafe'] as const),
    ...(['another-update', 'contended'] as const),
  ],
  permit: ({ path, caller }, services) => requireVehicle(services, caller, path.vehicleId),
  async handle({ path: { vehicleId, campaignId }, caller }, services) {
    await services.vehicles.require(caller, vehicleId);
    return { status: 200, body: viewOf(await services.updates.retry(vehicleId, campaignId)) };
  },
});

const decideUpdate = route({
  ...{ method: 'POST', path: '/v1/vehicles/{vehicleId}/updates/{campaignId}/decision', tag },
  ...{ operationId: 'decideVehicleUpdate', scopes: ['assist_updates'], audit: 'update.decide' },
  summary: 'Consent for a vehicle of a fleet',
  description: 'Only where the campaign says that the operator consents; for everybody else their owner does.',
  pathSchema: oneUpdatePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: decisionSchema, mediaTypes: ['application/json'], examples: decisionExamples },
  replies: { 200: reply },
  problems: [
    ...lifeCycle,
    ...(['update-not-found', 'update-over', 'update-not-offered', 'update-installing', 'offer-changed'] as const),
    ...(['offer-withdrawn', 'owner-consents', 'another-update', 'recall-not-muted', 'window-not-possible'] as const),
    'contended',
  ],
  permit: ({ path, caller }, services) => requireVehicle(services, caller, path.vehicleId),
  async handle({ path: { vehicleId, campaignId }, body, caller }, services) {
    await services.vehicles.require(caller, vehicleId);
    const decision = decisionOf(body);
    const shown = await services.updates.decideAsOperator(vehicleId, campaignId, caller, decision, body.revision);
    return { status: 200, body: viewOf(shown) };
  },
});

export const updateRoutes: readonly VehicleRoute[] = [listUpdates, getUpdate, cancelUpdate, retryUpdate, decideUpdate];

async function requireVehicle({ vehicles }: VehicleServices, caller: Caller, vehicleId: VehicleId): Promise<void> {
  await vehicles.require(caller, vehicleId);
}
