import { type Route, routesCalling } from './route.ts';
import type { VehicleServices } from './services.ts';

/** One of vehicles: the function `api` serves them. */
export type VehicleRoute = Route<VehicleServices>;

export const { route, personRoute } = routesCalling<VehicleServices>();
