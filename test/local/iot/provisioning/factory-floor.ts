import '#local/iot/authority/reflect.ts';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { Iam } from '#local/iam/iam.ts';
import { type Authority, openAuthority } from '#local/iot/authority/authority.ts';
import type { ClientConnection } from '#local/iot/broker/connection.ts';
import { ProvisioningService } from '#local/iot/provisioning/provisioning-service.ts';
import { ProvisioningTemplates } from '#local/iot/provisioning/provisioning-templates.ts';
import { iotArns } from '#local/iot/registry/arns.ts';
import { Registry } from '#local/iot/registry/registry.ts';
import type { InvocationResult, InvocationSource } from '#local/lambda/invoker.ts';
import { State } from '#local/state/collection.ts';
import { waitFor } from './wait-for.ts';

const accountId = '000000000000';
export const arns = iotArns('eu-central-1', accountId);
const hookArn = `arn:aws:lambda:eu-central-1:${accountId}:function:hook`;
const roleArn = `arn:aws:iam::${accountId}:role/provisioner`;

export const body = {
  Parameters: { Vin: { Type: 'String' }, VehicleId: { Type: 'String' }, Brand: { Type: 'String' } },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: {
        ThingName: { Ref: 'VehicleId' },
        ThingTypeName: 'vehicle',
        AttributePayload: { brand: { Ref: 'Brand' } },
        ThingGroups: ['all', { 'Fn::Join': ['', ['brand-', { Ref: 'Brand' }]] }],
      },
      OverrideSettings: { AttributePayload: 'REPLACE', ThingTypeName: 'REPLACE', ThingGroups: 'MERGE' },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'ACTIVE' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'vehicle' } },
  },
  DeviceConfiguration: { topic: { 'Fn::Join': ['', ['vehicles/', { Ref: 'VehicleId' }]] } },
};

export const grants = [
  'CreateThing',
  'DescribeThing',
  'UpdateThing',
  'ListThingGroupsForThing',
  'DescribeThingType',
  'DescribeThingGroup',
  'AddThingToThingGroup',
  'DescribeCertificate',
  'UpdateCertificate',
  'AttachThingPrincipal',
  'AttachPolicy',
  'GetPolicy',
];

export interface HookCall {
  readonly event: unknown;
  readonly source: InvocationSource;
}

export interface Answer {
  readonly to: string;
  readonly topic: string;
  readonly payload: Buffer;
}

/** Everything that provisions, with a clock that is moved by hand and a hook that the test writes. */
export class FactoryFloor {
  readonly directory = mkdtempSync(join(tmpdir(), 'provisioning-'));
  readonly state = new State(this.directory);
  readonly templates = new ProvisioningTemplates();
  readonly answers: Answer[] = [];
  readonly hookCalls: HookCall[] = [];
  readonly log: string[] = [];
  now = 1_700_000_000_000;
  hook: (event: unknown) => Promise<InvocationResult> = async () => ({
    kind: 'answered',
    payload: { allowProvisioning: true, parameterOverrides: { VehicleId: 'veh-1', Brand: 'opel' } },
  });
  readonly clock = {
    now: () => this.now,
    after: (ms: number, fire: () => void) => {
      const timer = { at: this.now + ms, fire };
      this.#timers.push(timer);
      return () => void this.#timers.splice(this.#timers.indexOf(timer), 1);
    },
  };
  readonly registry = new Registry({ state: this.state, arns, clock: this.clock });
  readonly iam = new Iam({ accountId, state: this.state, clock: this.clock });
  readonly service: ProvisioningService;
  readonly #timers: { at: number; fire: () => void }[] = [];

  private constructor(authority: Authority) {
    this.service = new ProvisioningService({
      registry: this.registry,
      authority,
      templates: this.templates,
      roles: this.iam,
      lambda: {
        invoke: (_functionArn, event, source) => {
          this.hookCalls.push({ event, source });
          return this.hook(event);
        },
        invokeLater: () => Promise.reject(new Error('A hook is always waited for.')),
      },
      state: this.state,
      clock: this.clock,
      log: (line) => this.log.push(line),
      sendTo: ({ clientId }, topic, payload) => this.answers.push({ to: clientId, topic, payload }),
    });
  }

  static async open(): Promise<FactoryFloor> {
    const authorityDirectory = mkdtempSync(join(tmpdir(), 'authority-'));
    const floor = new FactoryFloor(await openAuthority(authorityDirectory));
    rmSync(authorityDirectory, { recursive: true });
    const { registry } = floor;
    registry.thingTypes.create({ thingTypeName: 'vehicle' });
    for (const thingGroupName of ['all', 'brand-opel']) registry.thingGroups.create({ thingGroupName });
    const allow = { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' };
    registry.policies.create('vehicle', JSON.stringify({ Version: '2012-10-17', Statement: [allow] }));
    floor.grant(grants);
    floor.template(body);
    return floor;
  }

  grant(actions: readonly string[]): void {
    const roleName = 'provisioner';
    const Principal = { Service: 'iot.amazonaws.com' };
    const trust = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' };
    const trustPolicy = { Version: '2012-10-17', Statement: [trust] };
    this.iam.putRole({ roleName, arn: roleArn, trustPolicy, tags: {} });
    const allow = { Effect: 'Allow', Action: actions.map((action) => `iot:${action}`), Resource: '*' };
    this.iam.putRolePolicy(roleName, 'making', { Version: '2012-10-17', Statement: [allow] });
  }

  template(templateBody: object, enabled = true): void {
    const definition = { templateName: 'vehicles', enabled, provisioningRoleArn: roleArn, hookArn };
    this.templates.put({ ...definition, templateBody: JSON.stringify(templateBody) }, this.now);
  }

  pass(ms: number): void {
    this.now += ms;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.now)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      timer.fire();
    }
  }

  publish(topic: string, payload: unknown, connection = claim()): void {
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
    this.service.handle({ topic, payload: bytes }, connection);
  }

  /** Publishes and waits for the answer on `…/accepted` or `…/rejected`. */
  async ask(
    topic: string,
    payload: unknown,
    connection = claim(),
  ): Promise<{ how: string; body: Record<string, unknown> }> {
    const before = this.answers.length;
    this.publish(topic, payload, connection);
    await waitFor(() => this.answers.length > before);
    const answer = this.answers.at(-1);
    return { how: answer?.topic.slice(topic.length + 1) ?? '', body: JSON.parse(String(answer?.payload)) };
  }

  /** A certificate for a new key, with the token that proves it. */
  async certificate(connection = claim()): Promise<{ certificateId: string; token: string }> {
    const certificateSigningRequest = await newCsr();
    const topic = '$aws/certificates/create-from-csr/json';
    const { body } = await this.ask(topic, { certificateSigningRequest }, connection);
    return { certificateId: String(body['certificateId']), token: String(body['certificateOwnershipToken']) };
  }

  provision(token: string, parameters: object = { Vin: 'W0L00000000000001' }, connection = claim()) {
    const payload = { certificateOwnershipToken: token, parameters };
    return this.ask('$aws/provisioning-templates/vehicles/provision/json', payload, connection);
  }

  close(): void {
    this.state.close();
    rmSync(this.directory, { recursive: true });
  }
}

export function claim(clientId = 'claim-1', principalId = 'c1a1'): ClientConnection {
  const sessionIdentifier = `session of ${clientId}`;
  return { clientId, principalId, protocolVersion: 5, sessionIdentifier, ipAddress: '127.0.0.1', connectedAt: 0 };
}

export async function newCsr(): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const csr = await Pkcs10CertificateRequestGenerator.create(
    { name: 'CN=vehicle', keys, signingAlgorithm: algorithm },
    webcrypto,
  );
  return csr.toString('pem');
}
