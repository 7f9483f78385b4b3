import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { type Authority, type IssuedKeys, openAuthority } from '#local/iot/authority/authority.ts';
import { type Broker, type BrokerOptions, startBroker } from '#local/iot/broker/broker.ts';
import type { Message } from '#local/iot/broker/message.ts';
import { policyAuthorizer } from '#local/iot/broker/policy-authorizer.ts';
import type { ExclusiveThing, Principals, RegisteredCertificate } from '#local/iot/broker/principals.ts';

/** A new directory that goes with the test process. */
export function testDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'broker-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

let authority: Promise<Authority> | undefined;

/** One authority for all tests of a file: making keys costs time. */
export function testAuthority(): Promise<Authority> {
  authority ??= openAuthority(testDirectory());
  return authority;
}

const arn = 'arn:aws:iot:eu-central-1:000000000000';

/** A policy that lets everybody do everything. */
export const openPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
});

/** `['iot:Publish topic/a', …]` as a policy of Allow statements. */
export function allow(...grants: readonly string[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: grants.map((grant) => {
      const [action, resource] = grant.split(' ');
      return { Effect: 'Allow', Action: action, Resource: resource === '*' ? '*' : `${arn}:${resource}` };
    }),
  });
}

/** Registry of a test: certificates and things in two maps. */
export class TestPrincipals implements Principals {
  readonly certificates = new Map<string, RegisteredCertificate>();
  readonly things = new Map<string, ExclusiveThing>();

  certificate(certificateId: string): RegisteredCertificate | undefined {
    return this.certificates.get(certificateId);
  }

  thingOf(certificateId: string, clientId: string): ExclusiveThing | undefined {
    return this.things.get(`${certificateId} ${clientId}`);
  }
}

export interface World {
  readonly authority: Authority;
  readonly broker: Broker;
  readonly principals: TestPrincipals;
  /** Everything that went through the broker. */
  readonly seen: Message[];
  readonly log: string[];
  /** A registered, active certificate with these policies. */
  device(...policies: readonly string[]): Promise<IssuedKeys>;
}

export async function startWorld(options: Partial<BrokerOptions> = {}): Promise<World> {
  const opened = await testAuthority();
  const principals = new TestPrincipals();
  const seen: Message[] = [];
  const log: string[] = [];
  const note = (line: string) => void log.push(line);
  const broker = await startBroker({
    port: 0,
    caPem: opened.caPem,
    server: opened.server,
    isRegistered: (certificateId) => principals.certificate(certificateId) !== undefined,
    authorizer: policyAuthorizer({ principals, region: 'eu-central-1', accountId: '000000000000', log: note }),
    clock: systemClock,
    faults: noFaults,
    log: note,
    taps: [(message) => void seen.push(message)],
    ...options,
  });
  return {
    authority: opened,
    broker,
    principals,
    seen,
    log,
    async device(...policies) {
      const keys = await opened.createKeysAndCertificate();
      principals.certificates.set(keys.certificateId, { status: 'ACTIVE', policies });
      return keys;
    },
  };
}
