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
import { myUpdateRoutes } from './routes/my-updates.ts';
import { myVehicleRoutes } from './routes/my-vehicles.ts';
import { ownershipRoutes } from './routes/ownership.ts';
import { registryRoutes } from './routes/registry.ts';
import { releaseStepRoutes } from './routes/release-steps.ts';
import { releaseRoutes } from './routes/releases.ts';
import { repositoryRoutes } from './routes/repositories.ts';
import { telemetryRoutes } from './routes/telemetry.ts';
import { twinRoutes } from './routes/twins.ts';
import { updateRoutes } from './routes/updates.ts';
import type { VehicleRoute } from './vehicle-route.ts';

/** What the function `api` serves. */
export const vehicleRoutes: readonly VehicleRoute[] = [
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
  ...auditRoutes,
  ...erasureRoutes,
  ...meRoutes,
  ...clientRoutes,
];
