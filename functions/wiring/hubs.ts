import { STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod/mini';
import { type HomeName, homeName } from '#shared/registry/home.ts';
import { AzureHub } from '../adapters/azure-iot-hub/azure-hub.ts';
import { EntraCredential } from '../adapters/azure-iot-hub/entra-credential.ts';
import { hubClients } from '../adapters/azure-iot-hub/hub-clients.ts';
import type { HubOf } from '../adapters/azure-iot-hub/hub-cloud.ts';
import { localEndpoints } from '../adapters/azure-iot-hub/local-endpoints.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

const hubsSetting = z.array(
  z.object({ name: z.string(), hub: z.string(), tenantId: z.string(), clientId: z.string() }),
);

/** The hubs of this deployment; each is connected with when it is first needed. */
export function wireHubs(): HubOf {
  const local = localEndpoints(process.env['AZURE_LOCAL']);
  const sts = new STSClient({});
  const settings = new Map(hubsSetting.parse(JSON.parse(setting('HUBS'))).map((hub) => [homeName(hub.name), hub]));
  const hubs = new Map<HomeName, AzureHub>();
  return (home) => {
    const known = hubs.get(home);
    if (known !== undefined) return known;
    const settled = settings.get(home);
    if (settled === undefined) throw new Error(`HUBS names no home ${home}`);
    const { hub, ...application } = settled;
    const credential = new EntraCredential({
      ...{ application, sts, clock },
      ...(local !== undefined && { authority: local.authority, ca: local.ca }),
    });
    const made = new AzureHub(hubClients(hub, credential, local), clock);
    hubs.set(home, made);
    return made;
  };
}
