import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AddThingToThingGroupCommand,
  CreateJobCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  IoTClient,
} from '@aws-sdk/client-iot';
import { vi } from 'vitest';
import { MovableClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import { Iam } from '#local/iam/iam.ts';
import type { IssuedKeys } from '#local/iot/authority/authority.ts';
import type { Message } from '#local/iot/broker/message.ts';
import { type IotCore, startIotCore } from '#local/iot/iot-core.ts';
import { iotArns } from '#local/iot/registry/arns.ts';
import { freePorts, type Ports } from '#local/options.ts';
import { Queues } from '#local/queues/queues.ts';
import { Buckets } from '#local/s3/buckets.ts';
import { s3Service } from '#local/s3/service.ts';
import { State } from '#local/state/collection.ts';
import { noTracing } from '#local/trace/traces.ts';

export const region = 'eu-central-1';
const accountId = '000000000000';
export const arns = iotArns(region, accountId);

/** AWS IoT Core of the local cloud behind its gateway, with real listeners. */
export interface IotCloud {
  readonly iot: IotCore;
  readonly iam: Iam;
  readonly buckets: Buckets;
  readonly clock: MovableClock;
  readonly gateway: Gateway;
  readonly ports: Pick<Ports, 'mqtt' | 'deviceHttps' | 'webSocket'>;
  readonly operator: IoTClient;
  /** Everything that went through the broker. */
  readonly seen: Message[];
  readonly log: string[];
  /** A thing with a certificate and this policy. */
  device(thingName: string, policy?: string): Promise<IssuedKeys>;
  /** A group with these things in it, and its ARN. */
  group(name: string, ...things: readonly string[]): Promise<string>;
  job(jobId: string, targets: readonly string[], more?: object): Promise<void>;
  close(): Promise<void>;
}

/** Waits until it holds, also where the machine has much else to do. */
export const soon = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 10_000, interval: 10 });

const openPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['iot:*', 'iotjobsdata:*'], Resource: '*' }],
});

const noFunctions = {
  invoke: () => Promise.reject(new Error('there are no functions here')),
  invokeLater: () => Promise.reject(new Error('there are no functions here')),
};

export async function startIotCloud(): Promise<IotCloud> {
  const directory = mkdtempSync(join(tmpdir(), 'iot-cloud-'));
  const state = new State(directory);
  const clock = new MovableClock();
  const log: string[] = [];
  const say = (line: string) => void log.push(line);
  const iam = new Iam({ accountId, state, clock });
  const gateway = new Gateway({ port: 0, access: iam, clock, faults: noFaults, log: say });
  await gateway.listen();
  const shared = { region, accountId, state, clock, faults: noFaults, log: say };
  const queues = new Queues({ ...shared, access: iam, endpoint: () => gateway.endpoint });
  const buckets = new Buckets({ ...shared, access: iam, announce: () => {} });
  gateway.add(s3Service(buckets));
  const iot = await startIotCore({
    ...{ ...shared, ports: freePorts, tracing: noTracing, iam, lambda: noFunctions, queues },
    ...{ cutOffDelay: undefined, connectPause: undefined, certificateLife: undefined, jobRate: undefined },
    ...{ endpoint: () => gateway.endpoint, readObject: (bucket, key) => buckets.read(bucket, key) },
  });
  for (const service of iot.services) gateway.add(service);
  const seen: Message[] = [];
  iot.broker.tap((message) => void seen.push(message));
  const ports = await iot.open();
  const operator = new IoTClient({ region, endpoint: gateway.endpoint, credentials: iam.administratorKey });
  const { certificates, policies, things } = iot.registry;
  return {
    ...{ iot, iam, buckets, clock, gateway, ports, operator, seen, log },
    async device(thingName, policy = openPolicy) {
      await operator.send(new CreateThingCommand({ thingName }));
      const keys = await iot.authority.createKeysAndCertificate();
      certificates.register(keys.certificatePem, 'ACTIVE');
      policies.create(thingName, policy);
      policies.attach(thingName, arns.certificate(keys.certificateId));
      things.attach(thingName, keys.certificateId);
      return keys;
    },
    async group(thingGroupName, ...names) {
      const { thingGroupArn = '' } = await operator.send(new CreateThingGroupCommand({ thingGroupName }));
      for (const thingName of names) {
        await operator.send(new AddThingToThingGroupCommand({ thingGroupName, thingName }));
      }
      return thingGroupArn;
    },
    async job(jobId, targets, more = {}) {
      const document = JSON.stringify({ is: jobId });
      await operator.send(
        new CreateJobCommand({ jobId, targets: [...targets], document, targetSelection: 'CONTINUOUS', ...more }),
      );
    },
    async close() {
      await iot.close();
      await gateway.close();
      queues.close();
      buckets.stop();
      state.close();
      rmSync(directory, { recursive: true });
    },
  };
}
