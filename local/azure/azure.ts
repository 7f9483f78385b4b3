import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { MovableClock } from '#local/clock.ts';
import type { AzureFile } from '#local/cloud-file.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { Authority } from '#local/iot/authority/authority.ts';
import type { Ports } from '#local/options.ts';
import type { State } from '#local/state/collection.ts';
import { openAmqpServer } from './amqp/amqp-server.ts';
import { EventLinks } from './amqp/event-links.ts';
import { FeedbackQueue } from './amqp/feedback-queue.ts';
import type { DeviceEventKey } from './device-event-key.ts';
import { LocalProvisioning } from './dps/provisioning.ts';
import type { AllocationRequest } from './dps/registrations.ts';
import { type FederatedCredential, type TrustedIssuer, tokenExchange } from './entra/assertion.ts';
import { Entra } from './entra/entra.ts';
import { EntraApi } from './entra/entra-api.ts';
import { FunctionHost } from './functions/function-host.ts';
import type { HubHome } from './homes.ts';
import { LocalIotHub } from './hub/hub.ts';
import type { Right } from './hub/policies.ts';
import { localHome } from './local-home.ts';
import { KeptSessions } from './mqtt/kept-sessions.ts';
import { openMqttServer } from './mqtt/mqtt-server.ts';
import { openPlant, type Plant } from './plant.ts';
import type { VerifyBearer } from './rest/authorization.ts';
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
  readonly clock: MovableClock;
  readonly faults: Faults;
  readonly log: (line: string) => void;
  /** Absent: no app runs beside the hub, and nobody reads its feed. */
  readonly functions?: AppBesideHub;
}

export interface AppBesideHub {
  /** Its bundle. */
  readonly directory: string;
  /** By which it signs what it posts. */
  readonly key: DeviceEventKey;
  readonly platformUrl: () => string;
}

/** The second device cloud on this machine: hub, provisioning service and directory. */
export interface LocalAzure {
  readonly hub: LocalIotHub;
  readonly provisioning: LocalProvisioning;
  /** Runs the app beside the hub. */
  readonly functions: FunctionHost | undefined;
  readonly file: AzureFile;
  /** How functions find it: `AZURE_LOCAL`. */
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Its clients go on using this name when they come to this machine. */
const provisioningHost = 'fleetloom-dev.azure-devices-provisioning.net';

/** What the platform's application may do, as IoT Hub Data Contributor. */
const contributor: readonly Right[] = ['RegistryRead', 'RegistryWrite', 'ServiceConnect'];

export async function startAzure(options: AzureOptions): Promise<LocalAzure> {
  const { home, ports, authority, state, clock, faults, log } = options;
  const { server } = authority;
  const plant = await openPlant(join(state.directory, 'plant'));
  const hub = new LocalIotHub({ hostName: home.hub, state, clock, faults, log });
  const functions = options.functions && functionsBeside(hub, options.functions, options);
  const entra = directoryOf(options);
  const provisioning = new LocalProvisioning({
    ...{ hostName: provisioningHost, scope: localHome.scope, hub, state },
    retryAfter: 1, // 3 on Azure; nobody likes to wait for what is next door
  });
  enrolPlant(provisioning, plant);
  hub.lines.announceLost();
  const verifyBearer: VerifyBearer = async (token) =>
    (await entra.applicationOf(token)) === home.clientId ? contributor : undefined;
  const hubApi = new ServiceApi({ hub, verifyBearer });
  const entraApi = new EntraApi({ entra, faults });
  const https = await listenForServices({
    ...{ port: ports.hubHttps, server, log },
    api: {
      serve(asked) {
        if (EntraApi.isMeant(asked)) return entraApi.serve(asked);
        return (provisioning.api.isMeant(asked) ? provisioning.api : hubApi).serve(asked);
      },
    },
  });
  const trusted = [new X509Certificate(plant.certificatePem)];
  const mqtt = await openMqttServer({
    ...{ port: ports.hubMqtt, server, caPem: authority.caPem, hub, log },
    ...{ sessions: new KeptSessions(state), authorities: () => trusted, provisioning: provisioning.door },
  });
  const feedback = new FeedbackQueue({ state, clock, devicebound: hub.devicebound });
  const amqp = await openAmqpServer({ port: ports.hubAmqp, server, hub, feedback, verifyBearer, log });
  const endpoints = { authority: `https://localhost:${https.port}`, caFile: authority.caFile };
  const address = { host: '127.0.0.1', https: https.port, amqp: amqp.port };
  if (functions !== undefined) {
    functions.start();
    provisioning.allocateWith((request) => allocation(functions, request));
  }
  return {
    hub,
    provisioning,
    functions,
    file: {
      ...{ hub: home.hub, host: 'localhost', https: https.port, mqtt: mqtt.port, amqp: amqp.port },
      caFile: authority.caFile,
      serviceConnectionString: hub.policies.connectionString('iothubowner'),
      provisioning: {
        ...{ host: 'localhost', port: mqtt.port, scope: localHome.scope, httpsPort: https.port },
        serviceConnectionString: provisioning.connectionString,
      },
      eventHubs: { connectionString: eventsOf(hub, amqp.port) },
      plant: { certificateFile: plant.certificateFile, privateKeyFile: plant.privateKeyFile },
    },
    variables: { AZURE_LOCAL: JSON.stringify({ ...endpoints, hubs: { [home.hub]: address } }) },
    async close() {
      await functions?.close();
      hub.close();
      feedback.close();
      await amqp.close();
      await mqtt.close();
      await https.close();
    },
  };
}

/** For clients of Event Hubs, who take the hub's endpoint for one. */
function eventsOf(hub: LocalIotHub, port: number): string {
  const { name = '', primaryKey = '' } = hub.policies.get('service') ?? {};
  const key = `SharedAccessKeyName=${name};SharedAccessKey=${primaryKey}`;
  return `Endpoint=sb://localhost:${port}/;${key};EntityPath=${EventLinks.entityOf(hub)}`;
}

/** What an operator does once for each plant: its vehicles may come, and the platform says where each of them goes. */
function enrolPlant({ groups }: LocalProvisioning, { certificatePem }: Plant): void {
  if (groups.all().some(({ id }) => id === 'plant')) return;
  groups.put('plant', {
    enrollmentGroupId: 'plant',
    attestation: { type: 'x509', x509: { signingCertificates: { primary: { certificate: certificatePem } } } },
    allocationPolicy: 'custom',
    customAllocationDefinition: { webhookUrl: 'https://localhost/api/allocate', apiVersion: '2021-10-01' },
  });
}

function functionsBeside(
  hub: LocalIotHub,
  { directory, key, platformUrl }: AppBesideHub,
  { home, state, clock, faults, log }: AzureOptions,
): FunctionHost {
  return new FunctionHost({
    ...{ directory, feed: hub.feed, state, clock, faults, log },
    settings: () => ({
      ...{ PLATFORM_URL: platformUrl(), HOME_NAME: home.name, HUB_HOST_NAME: home.hub },
      ...{ EVENT_KEY_ID: key.keyId, EVENT_KEY: key.secret },
    }),
  });
}

/** As the provisioning service calls the webhook that an enrollment names. */
async function allocation(functions: FunctionHost, request: AllocationRequest) {
  const { status, body } = await functions.request('allocate', JSON.stringify(request));
  const said: unknown = status === 200 ? JSON.parse(body) : undefined;
  return { status, body: said };
}

function directoryOf({ home, issuer, subjects, state, clock }: AzureOptions): Entra {
  const credentials = subjects.map(
    (subject): FederatedCredential => ({ issuer: issuer.issuer, subject, audience: tokenExchange }),
  );
  const application = { clientId: home.clientId, credentials };
  return new Entra({ tenantId: home.tenantId, applications: () => [application], issuers: [issuer], state, clock });
}
