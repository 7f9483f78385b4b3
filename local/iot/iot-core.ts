import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { LocalClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { AwsService } from '#local/gateway/service.ts';
import type { Iam } from '#local/iam/iam.ts';
import type { LambdaInvoker } from '#local/lambda/invoker.ts';
import type { Ports } from '#local/options.ts';
import type { Queues } from '#local/queues/queues.ts';
import type { State } from '#local/state/collection.ts';
import type { ResourceType } from '#local/template/resource-type.ts';
import type { Tracing } from '#local/trace/traces.ts';
import { type Authority, openAuthority } from './authority/authority.ts';
import { type Broker, newBroker } from './broker/broker.ts';
import { type DeviceHttps, listenForDevices } from './broker/https.ts';
import { iamAuthorizer } from './broker/iam-authorizer.ts';
import { policyAuthorizer } from './broker/policy-authorizer.ts';
import { webSocketCaller } from './broker/web-socket-caller.ts';
import { DataPlane } from './data-plane/data-plane.ts';
import type { Jobs } from './jobs/jobs.ts';
import { openJobs } from './jobs/jobs-part.ts';
import { JobsDataPlane } from './jobs/routes/data-plane.ts';
import { devicePolicies } from './policy/device-policies.ts';
import { ProvisioningService } from './provisioning/provisioning-service.ts';
import { ProvisioningTemplates, provisioningTemplateRoutes } from './provisioning/provisioning-templates.ts';
import { iotArns } from './registry/arns.ts';
import { iotControlPlane } from './registry/control-plane.ts';
import { Registry } from './registry/registry.ts';
import { iotResourceTypes } from './resources.ts';
import { ruleRoutes } from './rules/rule-routes.ts';
import { RulesEngine } from './rules/rules-engine.ts';
import { ShadowService } from './shadows/shadow-service.ts';

type DevicePort = 'mqtt' | 'deviceHttps' | 'webSocket';

export interface IotCoreOptions {
  readonly region: string;
  readonly accountId: string;
  readonly ports: Pick<Ports, DevicePort>;
  /** ms; undefined for the registry's default. */
  readonly cutOffDelay: number | undefined;
  /** s; undefined for the broker's default. */
  readonly connectPause: number | undefined;
  /** ms for which device certificates are good; undefined: until 2049, as on AWS. */
  readonly certificateLife: number | undefined;
  /** Executions a minute that a job queues or cancels at most; undefined: 1,000, as on AWS. */
  readonly jobRate: number | undefined;
  /** The gateway's address. */
  readonly endpoint: () => string;
  /** An object of S3, for documents of jobs; undefined: there is none. */
  readonly readObject: (bucket: string, objectKey: string) => Promise<Buffer | undefined>;
  readonly state: State;
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly tracing: Tracing;
  readonly iam: Iam;
  readonly lambda: LambdaInvoker;
  readonly queues: Queues;
  readonly log: (line: string) => void;
}

/** AWS IoT Core in the local cloud. */
export interface IotCore {
  readonly authority: Authority;
  readonly registry: Registry;
  readonly broker: Broker;
  readonly shadows: ShadowService;
  readonly jobs: Jobs;
  readonly services: readonly AwsService[];
  readonly resources: readonly ResourceType[];
  /** Lets devices in; call it when the template is in place. */
  open(): Promise<Pick<Ports, DevicePort>>;
  close(): Promise<void>;
}

/** Puts the parts together: the registry says who, the broker carries, shadows, provisioning and rules serve. */
export async function startIotCore(options: IotCoreOptions): Promise<IotCore> {
  const { region, accountId, state, clock, faults, tracing, iam, lambda, queues, log } = options;
  const { certificateLife: life } = options;
  const devices = life === undefined ? undefined : { life, now: () => clock.now() };
  const authority = await openAuthority(join(state.directory, 'authority'), devices);
  const arns = iotArns(region, accountId);
  const { cutOffDelay, connectPause } = options;
  const registry = new Registry({ state, arns, clock, ...(cutOffDelay !== undefined && { cutOffDelay }) });
  const isRegistered = (certificateId: string) => registry.certificate(certificateId) !== undefined;
  const broker = newBroker({
    isRegistered,
    port: options.ports.mqtt,
    caPem: authority.caPem,
    server: authority.server,
    authorizer: policyAuthorizer({
      ...{ principals: registry, region, accountId, log },
      hasExpired(certificateId) {
        const { validTo } = new X509Certificate(registry.certificates.get(certificateId).certificatePem);
        return Date.parse(validTo) <= clock.now();
      },
    }),
    webSocket: {
      port: options.ports.webSocket,
      callerOf: (request, from) => webSocketCaller(request, from, { access: iam, region, clock }),
      authorizer: iamAuthorizer({ access: iam, region, accountId }),
    },
    clock,
    faults,
    tracing,
    log,
    ...(connectPause !== undefined && { settings: { connectPauseSeconds: connectPause } }),
    presence: state.collection('iot/presence'),
    stores: {
      sessions: state.collection('iot/sessions'),
      messages: state.collection('iot/session-messages'),
      retained: state.collection('iot/retained'),
      wills: state.collection('iot/wills'),
    },
  });
  registry.onCutOff((certificateId) => void broker.disconnectCertificate(certificateId));

  const shadows = new ShadowService({ state, clock, publish: broker.publish, log });
  const templates = new ProvisioningTemplates(state.collection('iot/provisioning-templates'));
  const { sendTo } = broker;
  const provisioning = new ProvisioningService({
    registry,
    authority,
    templates,
    roles: iam,
    lambda,
    state,
    clock,
    log,
    sendTo,
  });
  const rules = new RulesEngine({
    clock,
    faults,
    log,
    lambda,
    broker,
    arns,
    roles: iam,
    queues,
  });
  const policies = devicePolicies(registry);
  const { endpoint, readObject, jobRate: ratePerMinute } = options;
  const jobs = openJobs({
    ...{ registry, state, clock, log, tracing, broker, iam, endpoint, readObject, ratePerMinute },
    devicePolicies: policies,
  });
  for (const service of [shadows, jobs.reserved, provisioning, rules.basicIngest]) broker.reserve(service);
  broker.tap(rules.tap);

  const routes = [
    ...provisioningTemplateRoutes({ templates, arns, roles: iam, clock }),
    ...ruleRoutes(rules, arns),
    ...jobs.routes,
  ];
  const dataPlane = new DataPlane({ broker, shadows, arns, clock, devicePolicies: policies });
  let https: DeviceHttps | undefined;
  return {
    authority,
    registry,
    broker,
    shadows,
    jobs: jobs.jobs,
    services: [
      iotControlPlane({ registry, authority, accountId, endpoint: () => 'localhost', routes }),
      dataPlane,
      jobs.dataPlane,
    ],
    resources: iotResourceTypes({ registry, templates, rules, roles: iam, clock }),
    async open() {
      jobs.jobs.resume();
      await broker.open();
      https = await listenForDevices({
        isRegistered,
        port: options.ports.deviceHttps,
        caPem: authority.caPem,
        server: authority.server,
        log,
        serve: (request, caller) =>
          (JobsDataPlane.isMeant(request) ? jobs.dataPlane : dataPlane).handleDeviceRequest(request, caller),
      });
      return { mqtt: broker.port, deviceHttps: https.port, webSocket: broker.webSocketPort };
    },
    async close() {
      await https?.close();
      jobs.jobs.close();
      await broker.close();
    },
  };
}
