import type { Route } from './route.ts';
import { auditRoutes } from './routes/audit.ts';
import { campaignStepRoutes } from './routes/campaign-steps.ts';
import { campaignRoutes } from './routes/campaigns.ts';
import { caseStepRoutes } from './routes/case-steps.ts';
import { caseRoutes } from './routes/cases.ts';
import { certificateRoutes } from './routes/certificates.ts';
import { clientRoutes } from './routes/clients.ts';
import { commandRoutes } from './routes/commands.ts';
import { controlUnitRoutes } from './routes/control-units.ts';
import { erasureRoutes } from './routes/erasure.ts';
import { evidenceRoutes } from './routes/evidence.ts';
import { exportRoutes } from './routes/exports.ts';
import { handoverRoutes } from './routes/handover.ts';
import { hardwareRoutes } from './routes/hardware.ts';
import { importRoutes } from './routes/imports.ts';
import { lifeCycleRoutes } from './routes/life-cycle.ts';
import { meRoutes } from './routes/me.ts';
import { moveRoutes } from './routes/moves.ts';
import { myReservationRoutes } from './routes/my-reservations.ts';
import { mySharingAccountRoutes } from './routes/my-sharing-account.ts';
import { mySharingSearchRoutes } from './routes/my-sharing-search.ts';
import { mySharingSystemRoutes } from './routes/my-sharing-systems.ts';
import { myTripRoutes } from './routes/my-trips.ts';
import { myUpdateRoutes } from './routes/my-updates.ts';
import { myVehicleRoutes } from './routes/my-vehicles.ts';
import { ownershipRoutes } from './routes/ownership.ts';
import { registryRoutes } from './routes/registry.ts';
import { releaseStepRoutes } from './routes/release-steps.ts';
import { releaseRoutes } from './routes/releases.ts';
import { repositoryRoutes } from './routes/repositories.ts';
import { sharingCityRoutes } from './routes/sharing-city.ts';
import { sharingDriverRoutes } from './routes/sharing-drivers.ts';
import { sharingFleetRoutes } from './routes/sharing-fleet.ts';
import { sharingOperatorRoutes } from './routes/sharing-operators.ts';
import { sharingReportRoutes } from './routes/sharing-reports.ts';
import { sharingSystemRoutes } from './routes/sharing-systems.ts';
import { sharingTripRoutes } from './routes/sharing-trips.ts';
import { telemetryRoutes } from './routes/telemetry.ts';
import { twinRoutes } from './routes/twins.ts';
import { updateRoutes } from './routes/updates.ts';
import { webhookDeliveryRoutes } from './routes/webhook-deliveries.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export const routes: readonly Route[] = [
  ...registryRoutes,
  ...lifeCycleRoutes,
  ...moveRoutes,
  ...certificateRoutes,
  ...twinRoutes,
  ...commandRoutes,
  ...telemetryRoutes,
  ...importRoutes,
  ...exportRoutes,
  ...myVehicleRoutes,
  ...handoverRoutes,
  ...ownershipRoutes,
  ...releaseRoutes,
  ...releaseStepRoutes,
  ...hardwareRoutes,
  ...repositoryRoutes,
  ...campaignRoutes,
  ...campaignStepRoutes,
  ...updateRoutes,
  ...myUpdateRoutes,
  ...caseRoutes,
  ...caseStepRoutes,
  ...controlUnitRoutes,
  ...evidenceRoutes,
  ...sharingOperatorRoutes,
  ...sharingSystemRoutes,
  ...sharingCityRoutes,
  ...sharingFleetRoutes,
  ...sharingReportRoutes,
  ...mySharingSystemRoutes,
  ...mySharingSearchRoutes,
  ...mySharingAccountRoutes,
  ...myReservationRoutes,
  ...sharingDriverRoutes,
  ...sharingTripRoutes,
  ...myTripRoutes,
  ...webhookRoutes,
  ...webhookDeliveryRoutes,
  ...auditRoutes,
  ...erasureRoutes,
  ...meRoutes,
  ...clientRoutes,
];
