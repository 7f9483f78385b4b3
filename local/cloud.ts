import { join } from 'node:path';
import { functionAppDirectory } from './assembly.ts';
import type { AzureOptions, LocalAzure } from './azure/azure.ts';
import { deviceEventKey } from './azure/device-event-key.ts';
import { type HubHome, homesOf } from './azure/homes.ts';
import { MovableClock } from './clock.ts';
import { clockService } from './clock-service.ts';
import type { CloudFile } from './cloud-file.ts';
import { openEdge } from './cloudfront/open-edge.ts';
import { startEngine } from './dynamo/engine.ts';
import { EngineClient } from './dynamo/engine-client.ts';
import { tableResources } from './dynamo/resources.ts';
import { dynamoService } from './dynamo/service.ts';
import { TableWrites } from './dynamo/table-writes.ts';
import { TimeToLive } from './dynamo/time-to-live.ts';
import { EventBuses } from './events/event-bus.ts';
import { eventResources } from './events/resources.ts';
import { eventsService } from './events/service.ts';
import { gbfsOfDemoCity, mdsOfDemoCity } from './factory/demo-city.ts';
import { peopleApp, seededUsers } from './factory/first-persons.ts';
import { claimCertificate, deployersAnswers, machineClients, output } from './factory/first-steps.ts';
import { PlannedFaults } from './faults/planned-faults.ts';
import { faultService } from './faults/service.ts';
import { Gateway } from './gateway/gateway.ts';
import { stsService } from './gateway/sts.ts';
import { httpApiResourceTypes } from './http-api/http-api-resources.ts';
import { HttpApiServer } from './http-api/http-api-server.ts';
import { Iam } from './iam/iam.ts';
import { iamResourceTypes } from './iam/resources.ts';
import { identityResourceTypes } from './identity/identity-resources.ts';
import { IdentityServer } from './identity/identity-server.ts';
import { cognitoService } from './identity/idp/service.ts';
import { type IotCore, startIotCore } from './iot/iot-core.ts';
import { keepTime } from './kept-time.ts';
import { keyResources } from './kms/key-resources.ts';
import { MacKeys } from './kms/mac-keys.ts';
import { kmsService } from './kms/service.ts';
import { SigningKeys } from './kms/signing-keys.ts';
import { lambdaResourceTypes } from './lambda/function-resources.ts';
import { lambdaAwsService } from './lambda/lambda-operations.ts';
import { LambdaService } from './lambda/lambda-service.ts';
import type { Ports } from './options.ts';
import { EventSources } from './queues/event-sources.ts';
import { Queues } from './queues/queues.ts';
import { queueResources } from './queues/resources.ts';
import { queueService } from './queues/service.ts';
import { bucketResources } from './s3/bucket-resources.ts';
import { Buckets } from './s3/buckets.ts';
import { s3Service } from './s3/service.ts';
import { State } from './state/collection.ts';
import { WebIdentityTokens } from './sts/web-identity-tokens.ts';
import { assetDirectory } from './template/assembly.ts';
import { type Execution, execute } from './template/executor.ts';
import { ignoredTypes } from './template/ignored-types.ts';
import { openTraces } from './trace/open-traces.ts';
import { traceService } from './trace/service.ts';
import { tracedFaults } from './trace/traced-faults.ts';
import type { Traces } from './trace/traces.ts';

export interface CloudOptions {
  readonly stateDirectory: string;
  readonly assemblyDirectory: string;
  readonly ports: Ports;
  readonly clock?: MovableClock;
  /** How long connections outlive the deactivation of their certificate, in ms; on AWS minutes. Default: one. */
  readonly cutOffDelay?: number | undefined;
  /** The least time between two connections of one client id, in s; 1 on AWS. Default: none. */
  readonly connectPause?: number | undefined;
  /** Executions a minute that an IoT job queues or cancels at most. Default: 1,000, as on AWS. */
  readonly jobRate?: number | undefined;
  /** ms for which device certificates are good, by the cloud's clock; default: until 2049, as on AWS. */
  readonly certificateLife?: number | undefined;
  /** Keeps the ways of messages on disk too, and more of them in memory. */
  readonly trace?: boolean;
  readonly log: (line: string) => void;
}

/** A cloud whose template is in place and whose listeners are open. */
export interface LocalCloud {
  /** What a client needs to know; whoever started the cloud writes it down when it is ready. */
  readonly file: CloudFile;
  /** `file` no longer names them; whoever wrote it down writes it again. */
  whenPersonDeleted(tell: () => void): void;
  readonly execution: Execution;
  readonly iot: IotCore;
  /** The second device cloud, where the template knows one. */
  readonly azure: LocalAzure | undefined;
  readonly queues: Queues;
  readonly buses: EventBuses;
  readonly lambda: LambdaService;
  readonly clock: MovableClock;
  /** Breaks what it is told to. */
  readonly faults: PlannedFaults;
  /** Every message's way, the newest ones. */
  readonly traces: Traces;
  /** Rejects when a part that cannot be missed has died. */
  readonly failure: Promise<never>;
  close(): Promise<void>;
}

const region = 'eu-central-1';
const accountId = '000000000000';

/**
 * Executes a cloud assembly on this machine.
 *
 * @throws Error naming the resource and what is not understood, the port that is taken, or the grant that is missing
 */
export async function startCloud(options: CloudOptions): Promise<LocalCloud> {
  const closing: (() => void | Promise<void>)[] = [];
  /** What cannot be closed must not keep the rest open. */
  const close = async () => {
    const failed: unknown[] = [];
    for (const part of closing.splice(0).reverse()) {
      try {
        await part();
      } catch (error) {
        failed.push(error);
      }
    }
    if (failed.length > 0) throw new AggregateError(failed, 'Parts of the cloud did not close');
  };
  try {
    return await assemble(options, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Loaded only where it is needed: a cloud without it starts sooner, and is smaller. */
async function openAzure(homes: readonly HubHome[], options: Omit<AzureOptions, 'home'>) {
  const [home, another] = homes;
  if (another !== undefined) throw new Error(`The local cloud has one hub, not also ${another.hub}.`);
  if (home === undefined) return undefined;
  const { startAzure } = await import('./azure/azure.ts');
  return startAzure({ ...options, home });
}

async function assemble(
  options: CloudOptions,
  closing: (() => void | Promise<void>)[],
  close: () => Promise<void>,
): Promise<LocalCloud> {
  const { ports, log, cutOffDelay, connectPause, certificateLife, jobRate, clock = new MovableClock() } = options;
  const planned = new PlannedFaults(clock);
  const faults = tracedFaults(planned);
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failure.catch(() => {}); // who waits for it hears of it; who does not, must not crash
  const state = new State(options.stateDirectory);
  closing.push(() => state.close());
  closing.push(keepTime(clock, state));
  const tracing = openTraces({ directory: options.stateDirectory, journals: options.trace === true, clock });
  closing.push(() => tracing.close());
  const iam = new Iam({ accountId, state, clock });
  const gateway = new Gateway({ port: ports.aws, region, access: iam, clock, faults, tracing, log });
  await gateway.listen();
  closing.push(() => gateway.close());

  const engine = await startEngine({
    stateDirectory: state.directory,
    onDeath: (reason) => fail(new Error(reason)),
    log,
  });
  closing.push(() => engine.stop());
  const tables = new EngineClient(engine.endpoint, { region, accountId });
  closing.push(() => tables.close());
  const writes = new TableWrites();
  const timeToLive = new TimeToLive({ engine: tables, writes, clock, log });
  closing.push(() => timeToLive.stop());

  const endpoint = () => gateway.endpoint;
  let azure: LocalAzure | undefined;
  const queues = new Queues({ region, accountId, state, clock, faults, tracing, access: iam, endpoint, log });
  closing.push(() => queues.close());
  const lambda = await LambdaService.open({
    accountId,
    clock,
    faults,
    tracing,
    state,
    log,
    endpoint,
    // Who tries receivers of webhooks out has them on this machine.
    elsewhere: () => ({ WEBHOOK_ALLOW_LOOPBACK: 'yes', ...azure?.variables }),
    roles: iam,
    async sendToQueue(roleArn, { queueArn, body, attributes }) {
      const principal = iam.assume(roleArn, 'lambda.amazonaws.com');
      await queues.send({ kind: 'principal', principal }, queueArn, body, { attributes });
    },
  });
  closing.push(() => lambda.close());
  const eventSources = new EventSources({
    region,
    accountId,
    state,
    clock,
    faults,
    tracing,
    log,
    access: iam,
    queues,
    writes,
    engine: tables,
    invoker: lambda,
    findFunction(reference) {
      const { arn, roleArn } = lambda.find(reference).definition;
      return { arn, role: iam.assume(roleArn, 'lambda.amazonaws.com') };
    },
  });
  closing.push(() => eventSources.close());

  const buses = new EventBuses({ region, accountId, state, clock, faults, tracing, log, queues, invoker: lambda });
  closing.push(() => buses.stop());
  const buckets = new Buckets({
    region,
    accountId,
    access: iam,
    state,
    clock,
    announce: (event) => buses.put('default', event),
    log,
  });
  closing.push(() => buckets.stop());
  const iot = await startIotCore({
    cutOffDelay,
    connectPause,
    certificateLife,
    jobRate,
    endpoint,
    readObject: (bucket, objectKey) => buckets.read(bucket, objectKey),
    region,
    accountId,
    ports,
    state,
    clock,
    faults,
    tracing,
    iam,
    lambda,
    queues,
    log,
  });
  closing.push(() => iot.close());
  const eventKey = deviceEventKey(join(state.directory, 'azure'));
  const keys = new SigningKeys({ region, accountId, state });
  const macs = new MacKeys({ region, accountId, state });
  const edge = await openEdge({
    ...{ accountId, buckets, iam, faults, clock, log },
    ...{ port: ports.edge, openPort: ports.feeds, server: iot.authority.server },
  });
  closing.push(() => edge.close());
  const identity = new IdentityServer({ clock, state, log });
  await identity.listen(ports.identity);
  closing.push(() => identity.close());
  const httpApi = new HttpApiServer(log);
  await httpApi.listen(ports.api);
  closing.push(() => httpApi.close());

  const webIdentityTokens = new WebIdentityTokens({ accountId, region, state, clock });
  const services = [
    stsService({ accountId, tokens: webIdentityTokens, tagsOf: (roleArn) => iam.tagsOf(roleArn) }),
    cognitoService({
      pools: identity.pools,
      people: identity.people,
      region,
      accountId,
      now: () => clock.now(),
    }),
    dynamoService({ engine: tables, writes, faults }),
    queueService(queues),
    lambdaAwsService(lambda, { region, accountId }),
    eventsService(buses, faults),
    s3Service(buckets),
    kmsService(keys, macs),
    faultService(planned),
    traceService(tracing),
    clockService(clock),
    ...iot.services,
  ];
  for (const service of services) gateway.add(service);

  const types = [
    ...iamResourceTypes(iam),
    ...tableResources({ engine: tables, timeToLive }),
    ...queueResources(queues),
    ...lambdaResourceTypes(lambda, assetDirectory),
    eventSources.resource,
    ...eventResources(buses),
    ...bucketResources(buckets),
    ...keyResources(keys, macs),
    ...edge.resources,
    ...iot.resources,
    ...identityResourceTypes(identity),
    ...httpApiResourceTypes(httpApi, { region, accountId, clock, faults, tracing, lambda, log }),
  ];
  const execution = await execute(
    options.assemblyDirectory,
    types,
    ignoredTypes,
    { region, accountId },
    deployersAnswers(keys, eventKey.public, edge.openUrl),
  );
  const { homes, roles } = homesOf(lambda.functions().map(({ definition }) => definition));
  azure = await openAzure(homes, {
    ...{ ports, authority: iot.authority, issuer: webIdentityTokens, subjects: roles, state, clock, faults, log },
    functions: {
      directory: join(options.assemblyDirectory, functionAppDirectory),
      ...{ key: eventKey, platformUrl: () => httpApi.url },
    },
  });
  closing.push(() => azure?.close());
  eventSources.start();
  buses.start();
  buckets.start();
  lambda.resume();
  iot.broker.announceLost();
  const open = await iot.open();
  httpApi.open();

  identity.apiUrl = httpApi.url;

  const { accessKeyId, secretAccessKey } = iam.administratorKey;
  const users = await seededUsers(identity, state, execution);
  const clients = await machineClients(identity, tables, execution);
  const file: CloudFile = {
    region,
    accountId,
    aws: { endpoint: gateway.endpoint, accessKeyId, secretAccessKey },
    mqtt: {
      ...{ host: 'localhost', port: open.mqtt, httpsPort: open.deviceHttps },
      ...{ websocketUrl: `wss://localhost:${open.webSocket}/mqtt`, caFile: iot.authority.caFile },
    },
    claim: await claimCertificate(join(state.directory, 'claim'), iot, execution),
    api: { baseUrl: httpApi.url, openapi: `${httpApi.url}/openapi.json` },
    gbfs: gbfsOfDemoCity(edge.openUrl),
    mds: mdsOfDemoCity(httpApi.url),
    identity: {
      ...{ issuer: identity.issuerOf(output(execution, 'UserPoolId')), tokenUrl: identity.tokenUrl, clients },
      app: peopleApp(identity, execution),
      get users() {
        return users();
      },
    },
    ...(azure !== undefined && { azure: azure.file }),
  };
  const whenPersonDeleted = (tell: () => void) => identity.people.users.whenDeleted(tell);
  return {
    file,
    whenPersonDeleted,
    execution,
    iot,
    azure,
    queues,
    buses,
    lambda,
    clock,
    faults: planned,
    traces: tracing,
    failure,
    close,
  };
}
