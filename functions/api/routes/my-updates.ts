import type { Owner } from '#shared/ownership/ownership.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import type { VehicleServices } from '../services.ts';
import { personRoute, type VehicleRoute } from '../vehicle-route.ts';
import {
  decisionExamples,
  decisionOf,
  decisionSchema,
  ofVehiclePath,
  oneUpdatePath,
  ownViewOf,
  tag,
  updateExample,
  updateSchema,
  updatesReply,
} from './update-view.ts';

async function ownUpdates(updates: VehicleServices['updates'], vehicleId: VehicleId, { personId, since }: Owner) {
  return (await updates.forOwner(vehicleId, personId, since)).map((shown) => ownViewOf(shown, since));
}

const listMyUpdates = personRoute({
  ...{ method: 'GET', path: '/v1/me/vehicles/{vehicleId}/updates', operationId: 'listMyUpdates', tag },
  summary: 'The updates of one of my vehicles',
  description: 'What is offered, what I have decided, and how far it is. Nothing of a former owner’s decisions.',
  pathSchema: ofVehiclePath,
  ...pathAlone,
  replies: { 200: updatesReply('The newest first') },
  problems: ['vehicle-not-yours'],
  async handle({ path: { vehicleId }, person }, { ownership, updates }) {
    const { owner } = await ownership.require(person, vehicleId);
    return { status: 200, body: { updates: await ownUpdates(updates, vehicleId, owner) } };
  },
});

const searchMyUpdates = personRoute({
  ...{ method: 'POST', path: '/v1/me/vehicles/{vehicleId}/updates/search', operationId: 'searchMyUpdates', tag },
  audit: 'update.search',
  summary: 'Look for updates for one of my vehicles',
  description: 'What there is for it is offered at once, also of campaigns that have closed.',
  pathSchema: ofVehiclePath,
  ...pathAlone,
  replies: { 200: updatesReply('Its updates, the newest first') },
  problems: ['vehicle-not-yours', 'contended'],
  async permit({ path, person }, { ownership }) {
    await ownership.require(person, path.vehicleId);
  },
  async handle({ path: { vehicleId }, person }, { ownership, requests, updates }) {
    const { owner } = await ownership.require(person, vehicleId);
    await requests.look(vehicleId, true);
    return { status: 200, body: { updates: await ownUpdates(updates, vehicleId, owner) } };
  },
});

const decideMyUpdate = personRoute({
  ...{ method: 'POST', path: '/v1/me/vehicles/{vehicleId}/updates/{campaignId}/decision', tag },
  ...{ operationId: 'decideMyUpdate', audit: 'update.decide' },
  summary: 'Accept an update with a time window, decline it, or mute it',
  description:
    'Accepting again with another window moves it; declining takes a consent back, as long as nothing is being installed. Declined, it is brought to mind in two days.',
  pathSchema: oneUpdatePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: decisionSchema, mediaTypes: ['application/json'], examples: decisionExamples },
  replies: { 200: { description: 'The update as it is now', schema: updateSchema, example: updateExample } },
  problems: [
    ...(['vehicle-not-yours', 'update-not-found', 'update-over', 'update-not-offered', 'update-installing'] as const),
    ...(['offer-changed', 'offer-withdrawn', 'operator-consents', 'another-update', 'recall-not-muted'] as const),
    ...(['window-not-possible', 'contended'] as const),
  ],
  async permit({ path, person }, { ownership }) {
    await ownership.require(person, path.vehicleId);
  },
  async handle({ path: { vehicleId, campaignId }, body, person }, { ownership, updates }) {
    const { owner } = await ownership.require(person, vehicleId);
    const decision = decisionOf(body);
    const shown = await updates.decideAsOwner(vehicleId, campaignId, person.personId, decision, body.revision);
    return { status: 200, body: ownViewOf(shown, owner.since) };
  },
});

export const myUpdateRoutes: readonly VehicleRoute[] = [listMyUpdates, searchMyUpdates, decideMyUpdate];
