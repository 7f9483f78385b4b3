import { Agent } from 'node:https';
import common from 'azure-iot-common';
import iothub from 'azure-iothub';
import type { EntraCredential } from './entra-credential.ts';
import type { LocalEndpoints } from './local-endpoints.ts';
import { QueuedLine } from './queued-line.ts';

type Registry = InstanceType<typeof iothub.Registry>;
type ServiceClient = InstanceType<typeof iothub.Client>;
type JobClient = InstanceType<typeof iothub.JobClient>;

/** Microsoft's clients of one hub. */
export interface HubClients {
  /** The hub's name, which devices connect to as well. */
  readonly host: string;
  readonly registry: Registry;
  /** Methods; nothing is repeated behind our back. */
  readonly service: ServiceClient;
  readonly queued: QueuedLine;
  readonly jobs: JobClient;
}

/** The SDK has no public way to another endpoint than the hub's own name: this is what it keeps to itself. */
interface Rest {
  readonly _restApiClient: { setOptions(options: object): void };
}
interface AmqpBase {
  readonly _amqp: { connect(config: { uri: string; sslOptions?: object }, done: unknown): void };
}

/** @param local in place of Azure */
export function hubClients(
  hub: string,
  credential: Pick<EntraCredential, 'getToken'>,
  local?: LocalEndpoints,
): HubClients {
  const endpoint = local?.hubs[hub];
  if (local !== undefined && endpoint === undefined) throw new Error(`AZURE_LOCAL does not know the hub ${hub}`);
  const transport =
    local === undefined || endpoint === undefined
      ? iothub.Amqp
      : amqpAt(`amqps://${endpoint.host}:${endpoint.amqp}`, local.ca, hub);
  const clients = {
    registry: iothub.Registry.fromTokenCredential(hub, credential),
    service: iothub.Client.fromTokenCredential(hub, credential, transport),
    jobs: iothub.JobClient.fromTokenCredential(hub, credential),
  };
  patientOnce(clients.service);
  const agent = new Agent({
    keepAlive: true,
    ...(local !== undefined &&
      endpoint !== undefined && { host: endpoint.host, port: endpoint.https, ca: local.ca, servername: hub }),
  });
  for (const client of Object.values(clients)) restOf(client).setOptions({ http: { agent } });
  const queued = new QueuedLine(() => patientOnce(iothub.Client.fromTokenCredential(hub, credential, transport)));
  return { host: hub, ...clients, queued };
}

/** An unlock that is sent four times because an answer was late is not what anybody asked for. */
function patientOnce(client: ServiceClient): ServiceClient {
  client.setRetryPolicy(new common.NoRetry());
  return client;
}

function restOf(client: object): Rest['_restApiClient'] {
  return (client as Rest)._restApiClient;
}

function amqpAt(uri: string, ca: string, servername: string): typeof iothub.Amqp {
  return class extends iothub.Amqp {
    constructor(config: ConstructorParameters<typeof iothub.Amqp>[0]) {
      super(config);
      const { _amqp: base } = this as unknown as AmqpBase;
      const connect = base.connect.bind(base);
      base.connect = (options, done) =>
        connect({ ...options, uri, sslOptions: { ca }, ...{ policyOverride: { servername } } }, done);
    }
  };
}
