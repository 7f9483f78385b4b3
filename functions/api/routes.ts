import type { Route } from './route.ts';
import { auditRoutes } from './routes/audit.ts';
import { clientRoutes } from './routes/clients.ts';
import { commandRoutes } from './routes/commands.ts';
import { exportRoutes } from './routes/exports.ts';
import { importRoutes } from './routes/imports.ts';
import { lifeCycleRoutes } from './routes/life-cycle.ts';
import { meRoutes } from './routes/me.ts';
import { registryRoutes } from './routes/registry.ts';
import { telemetryRoutes } from './routes/telemetry.ts';
import { twinRoutes } from './routes/twins.ts';

export const routes: readonly Route[] = [
  ...registryRoutes,
  ...lifeCycleRoutes,
  ...twinRoutes,
  ...commandRoutes,
  ...telemetryRoutes,
  ...importRoutes,
  ...exportRoutes,
  ...auditRoutes,
  ...meRoutes,
  ...clientRoutes,
];
