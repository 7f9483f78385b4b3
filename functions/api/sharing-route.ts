import { type Route, routesCalling } from './route.ts';
import type { SharingServices } from './services.ts';

/** One of sharing, of partners and of webhooks: the function `sharing-api` serves them. */
export type SharingRoute = Route<SharingServices>;

export const { route, personRoute } = routesCalling<SharingServices>();
