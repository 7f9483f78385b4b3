import { createApp } from '../api/app.ts';
import { sharingRoutes } from '../api/sharing-routes.ts';
import { doorTo, requestLog } from '../door.ts';
import { wireSharingApi } from '../wiring/sharing-api.ts';

export const handler = doorTo(createApp({ ...wireSharingApi(), routes: sharingRoutes, log: requestLog }));
