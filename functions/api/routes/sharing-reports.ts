import * as z from 'zod/mini';
import { operatorReport } from '#shared/sharing/reports/operator-report.ts';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, vehicleIdText } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { fleetExample, vehicleView, viewOf } from './sharing-fleet-view.ts';
import { tag } from './sharing-setup-view.ts';

const reportOrder = as(operatorReport, {
  id: 'SharedVehicleReport',
  description:
    'Events are numbered from 1 for each vehicle, without gaps, and name reservation and fence as `GET` shows them in `use`. `odometer` is in metres. The newest status counts',
});

const at = '2026-11-21T08:30:00Z';
const use = { reservationId: 'rsv-1bcdefg23aaaabbbbccccddddeeee', fence: 7 };
const place = { latitude: 52.5163, longitude: 13.3777 };

const report = route({
  ...{ method: 'POST', path: '/v1/sharing/vehicles/{vehicleId}/reports', operationId: 'reportSharedVehicle', tag },
  summary: 'Say what a vehicle without a device of ours does',
  description:
    'For vehicles that were taken in without a VIN. Billing runs from `started` to `ended`, by the times that are reported. Each may come twice, late and in any order; an event waits for those numbered before it.',
  scopes: ['manage_sharing'],
  audit: 'shared-vehicle.report',
  pathSchema: z.object({ vehicleId: vehicleIdText }),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: reportOrder,
    mediaTypes: ['application/json'],
    examples: {
      parked: { status: { at, place, charge: 80, rangeMeters: 30_000, charging: false } },
      started: { events: [{ sequence: 1, at, kind: 'started', ...use, place, odometer: 812_400, charge: 80 }] },
    },
  },
  replies: {
    200: {
      description: 'The vehicle as it is now',
      schema: vehicleView,
      example: { ...fleetExample, speaks: 'operator', log: { boot: 1, sequence: 1 } },
    },
  },
  problems: ['shared-vehicle-not-found', 'vehicle-speaks-for-itself', 'report-not-possible', 'report-contradicts'],
  async permit({ path, caller }, { sharingDoor }) {
    await sharingDoor.vehicle(caller, path.vehicleId);
  },
  async handle({ path: { vehicleId }, body, caller }, { operatorReports, sharedFleet, clock }) {
    await operatorReports.hear(caller, vehicleId, body);
    return { status: 200, body: viewOf(await sharedFleet.get(caller, vehicleId), clock.now()) };
  },
});

const opening = route({
  ...{ method: 'POST', path: '/v1/sharing/vehicles/{vehicleId}/opening', operationId: 'permitOpening', tag },
  summary: 'Ask whether a vehicle without a device of ours may be opened for its holder',
  description:
    'Money is set aside for the use, once. Open the lock after 200, and report `started`; without it the use becomes a debt.',
  scopes: ['manage_sharing'],
  audit: 'shared-vehicle.open',
  pathSchema: z.object({ vehicleId: vehicleIdText }),
  ...pathAlone,
  replies: {
    200: {
      description: 'It may be opened',
      schema: vehicleView,
      example: { ...fleetExample, speaks: 'operator', state: 'reserved' },
    },
  },
  problems: [
    ...(['shared-vehicle-not-found', 'vehicle-speaks-for-itself', 'vehicle-not-held'] as const),
    ...(['driver-blocked', 'hold-expired', 'payment-declined', 'payment-unavailable'] as const),
  ],
  async permit({ path, caller }, { sharingDoor }) {
    await sharingDoor.vehicle(caller, path.vehicleId);
  },
  async handle({ path: { vehicleId }, caller }, { operatorReports, sharedFleet, clock }) {
    await operatorReports.permitOpening(caller, vehicleId);
    return { status: 200, body: viewOf(await sharedFleet.get(caller, vehicleId), clock.now()) };
  },
});

export const sharingReportRoutes: readonly SharingRoute[] = [opening, report];
