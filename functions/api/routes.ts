import type { Route } from './route.ts';
import type { Services } from './services.ts';
import { sharingRoutes } from './sharing-routes.ts';
import { vehicleRoutes } from './vehicle-routes.ts';

/** Those of the whole API, for its description; each function has its own. */
export const routes: readonly Route<Services>[] = [...vehicleRoutes, ...sharingRoutes];
