import { readFileSync } from 'node:fs';
import { TokenIssuer } from '../adapters/oidc/token-issuer.ts';
import { createApp } from '../api/app.ts';
import { documents } from '../api/documents.ts';
import { vehicleRoutes } from '../api/vehicle-routes.ts';
import { doorTo, requestLog } from '../door.ts';
import { setting } from '../environment.ts';
import { wireApi } from '../wiring/api.ts';

const issuer = new TokenIssuer(setting('TOKEN_ISSUER'));
const read = new Map<string, string>();

/** Written beside the bundle by the build. */
function built(name: string): string {
  const text = read.get(name) ?? readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
  read.set(name, text);
  return text;
}

export const handler = doorTo(
  createApp({
    ...wireApi(),
    ...{ routes: vehicleRoutes, log: requestLog },
    documents: documents({ openApi: () => built('openapi.json'), page: () => built('reference.html') }, () =>
      issuer.urls(),
    ),
  }),
);
