import * as z from 'zod/mini';
import { type LifeCycleChange, reactivated, retired, suspended } from '#shared/registry/vehicle.ts';
import type { ProblemCode } from '../problem-catalogue.ts';
import { pathAlone } from '../route.ts';
import { vehicleIdText } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import { type VehicleView, vehicleExample, vehicleSchema, viewOf } from './vehicle-view.ts';

interface Change {
  readonly verb: 'suspend' | 'reactivate' | 'retire';
  readonly summary: string;
  readonly description: string;
  readonly change: LifeCycleChange;
  readonly status: 'suspended' | 'active' | 'retired';
  readonly problems: readonly ProblemCode[];
}

const notActiveYet = ['vehicle-expected', 'vehicle-provisioned', 'vehicle-retired'] as const;

const changes: readonly Change[] = [
  {
    verb: 'suspend',
    summary: 'Cut an active vehicle off for a time',
    description: 'Its certificate becomes inactive and its connection is closed. Suspending it again changes nothing.',
    change: suspended,
    status: 'suspended',
    problems: notActiveYet,
  },
  {
    verb: 'reactivate',
    summary: 'Let a suspended vehicle in again',
    description: 'Its certificate becomes active. Reactivating it again changes nothing.',
    change: reactivated,
    status: 'active',
    problems: notActiveYet,
  },
  {
    verb: 'retire',
    summary: 'Cut a vehicle off for good',
    description: 'Its certificate is revoked and its connection is closed. Nothing brings a retired vehicle back.',
    change: retired,
    status: 'retired',
    problems: [],
  },
];

export const lifeCycleRoutes: readonly VehicleRoute[] = changes.map(
  ({ verb, summary, description, change, status, problems }) =>
    route({
      ...{ method: 'POST', path: `/v1/vehicles/{vehicleId}/${verb}`, operationId: `${verb}Vehicle`, tag: 'Registry' },
      ...{ summary, description, scopes: ['manage_vehicles'], audit: `vehicle.${verb}` },
      pathSchema: z.object({ vehicleId: vehicleIdText }),
      ...pathAlone,
      replies: {
        200: { description: 'The vehicle as it is now', schema: vehicleSchema, example: exampleOf(status) },
      },
      problems: ['vehicle-not-found', ...problems],
      async permit({ path, caller }, services) {
        await services.vehicles.require(caller, path.vehicleId);
      },
      async handle({ path, caller }, services) {
        return { status: 200, body: viewOf(await services.vehicles.change(caller, path.vehicleId, change)) };
      },
    }),
);

/** Who is cut off is not connected. */
function exampleOf(status: Change['status']): VehicleView {
  if (status === 'active') return { ...vehicleExample, status };
  return { ...vehicleExample, status, connection: { connected: false, since: vehicleExample.updatedAt } };
}
