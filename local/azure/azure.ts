import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { LocalClock } from '#local/clock.ts';
import type { AzureFile } from '#local/cloud-file.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { Authority } from '#local/iot/authority/authority.ts';
import type { Ports } from '#local/options.ts';
import type { State } from '#local/state/collection.ts';
import { type FederatedCredential, type TrustedIssuer, tokenExchange } from './entra/assertion.ts';
import { Entra } from './entra/entra.ts';
import { EntraApi } from './entra/entra-api.ts';
import type { HubHome } from './homes.ts';
import { LocalIotHub } from './hub/hub.ts';
import type { Right } from './hub/policies.ts';
import { KeptSessions } from './mqtt/kept-sessions.ts';
import { openMqttServer } from './mqtt/mqtt-server.ts';
import { openPlant } from './plant.ts';
import { listenForServices } from './rest/rest-server.ts';
import { ServiceApi } from './rest/service-api.ts';

export interface AzureOptions {
  readonly home: HubHome;
  readonly ports: Pick<Ports, 'hubHttps' | 'hubMqtt' | 'hubAmqp'>;
  readonly authority: Authority;
  /** Whose tokens the application of the home may come with, and whom they must name. */
  readonly issuer: TrustedIssuer;
  readonly subjects: readonly string[];
  readonly state: State;
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly log: (line: string) => void;
}

/** The second device cloud on this machine: hub and directory. */
export interface LocalAzure {
  readonly hub: LocalIotHub;
  readonly file: AzureFile;
  /** How functions find it: `AZURE_LOCAL`. */
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** What the platform's application may do, as IoT Hub Data Contributor. */
const contributor: readonly Right[] = ['RegistryRead', 'RegistryWrite', 'ServiceConnect'];

export async function startAzure(options: AzureOptions): Promise<LocalAzure> {
  const { home, ports, authority, state, clock, faults, log } = options;
  const { server } = authority;
  const plant = await openPlant(join(state.directory, 'plant'));
  const hub = new LocalIotHub({ hostName: home.hub, state, clock, faults, log });
  const entra = directoryOf(options);
  const hubApi = new ServiceApi({
    hub,
    verifyBearer: async (token) => ((await entra.applicationOf(token)) === home.clientId ? contributor : undefined),
  });
  const entraApi = new EntraApi({ entra, faults });
  const https = await listenForServices({
    ...{ port: ports.hubHttps, server, log },
    api: { serve: (asked) => (EntraApi.isMeant(asked) ? entraApi : hubApi).serve(asked) },
  });
  const trusted = [new X509Certificate(plant.certificatePem)];
  const mqtt = await openMqttServer({
    ...{ port: ports.hubMqtt, server, caPem: authority.caPem, hub, log },
    ...{ sessions: new KeptSessions(state), authorities: () => trusted, provisioning: () => 5 },
  });
  const endpoints = { authority: `https://localhost:${https.port}`, caFile: authority.caFile };
  const address = { host: '127.0.0.1', https: https.port, amqp: 0 };
  return {
    hub,
    file: {
      ...{ hub: home.hub, host: 'localhost', https: https.port, mqtt: mqtt.port, amqp: 0 },
      caFile: authority.caFile,
      serviceConnectionString: hub.policies.connectionString('iothubowner'),
      plant: { certificateFile: plant.certificateFile, privateKeyFile: plant.privateKeyFile },
    },
    variables: { AZURE_LOCAL: JSON.stringify({ ...endpoints, hubs: { [home.hub]: address } }) },
    async close() {
      hub.close();
      await mqtt.close();
      await https.close();
    },
  };
}

function directoryOf({ home, issuer, subjects, state, clock }: AzureOptions): Entra {
  const credentials = subjects.map(
    (subject): FederatedCredential => ({ issuer: issuer.issuer, subject, audience: tokenExchange }),
  );
  const application = { clientId: home.clientId, credentials };
  return new Entra({ tenantId: home.tenantId, applications: () => [application], issuers: [issuer], state, clock });
}
