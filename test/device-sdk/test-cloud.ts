import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Claim } from '#device-sdk/provisioning.ts';
import type { ConnectOptions } from '#device-sdk/transport.ts';
import { MemoryHub } from '#device-sdk/transports/memory.ts';
import { systemClock } from '#local/clock.ts';
import { type Authority, openAuthority } from '#local/iot/authority/authority.ts';
import { ShadowService } from '#local/iot/shadows/shadow-service.ts';
import { State } from '#local/state/collection.ts';
import type { CommandReply, CommandRequest, InventoryReport, TelemetryBatch } from '#shared/vehicle-cloud/envelopes.ts';
import { provisionTopic, ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import { afterThisFile } from '../support/tidying.ts';

/** Gone once the tests of the file are done. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-device-'));
  // After the hooks of the file, which close what writes there.
  afterThisFile(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/** Resolves once the condition holds. */
export async function until<T>(condition: () => T | undefined | false, complaint = 'the condition'): Promise<T> {
  const giveUp = Date.now() + 20_000;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > giveUp) throw new Error(`waited in vain for ${complaint}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The name that the test cloud gives the vehicle. */
export function vehicleIdOf(vin: string): string {
  return `veh-${createHash('sha256').update(vin).digest('hex').slice(0, 20)}`;
}

const rules = ruleNames('test');
const rotationTopic = provisionTopic('rotation');

/** The cloud's end of a wire: hears what devices publish, and publishes to them. */
export interface Wire {
  serve(filter: string, service: (topic: string, payload: string, clientId: string) => void): void;
  publish(topic: string, payload: string): void;
  /** To nobody else: an answer to a claim is not for every vehicle in the hall. */
  sendTo(clientId: string, topic: string, payload: string): void;
}

/** The cloud behind a wire: the real shadow service and authority, and what the rules received. */
export class TestCloud<Hub extends Wire = MemoryHub> {
  readonly hub: Hub;
  readonly telemetry: TelemetryBatch[] = [];
  readonly replies: CommandReply[] = [];
  readonly inventories: InventoryReport[] = [];
  readonly claim: Claim;
  readonly shadows: ShadowService;
  /** By VIN: the hash of the key that was let in. */
  readonly admitted = new Map<string, string>();
  readonly issued: string[] = [];
  /** By vehicle: the certificates that are let in, its own first, then the one it changes to. */
  readonly own = new Map<string, readonly string[]>();
  readonly log: string[] = [];
  /** Milliseconds by which the clock of the shadow service is ahead. */
  ahead = 0;
  private readonly authority: Authority;
  private readonly tokens = new Map<string, string>();

  constructor(authority: Authority, directory: string, hub: Hub, claim: Omit<Claim, 'templateName'>) {
    this.authority = authority;
    this.hub = hub;
    this.claim = { ...claim, templateName: 'vehicles' };
    this.shadows = new ShadowService({
      state: new State(directory),
      clock: { ...systemClock, now: () => Date.now() + this.ahead },
      publish: (topic, payload) => this.hub.publish(topic, payload.toString('utf8')),
      log: (line) => this.log.push(line),
    });
    hub.serve('$aws/things/+/shadow/name/+/+', (topic, payload) => {
      this.shadows.handle({ topic, payload: Buffer.from(payload) });
    });
    hub.serve(vehicleTopics('+', rules).telemetryTopic, (_, payload) => this.telemetry.push(JSON.parse(payload)));
    hub.serve(vehicleTopics('+', rules).commandReplyTopic, (_, payload) => this.replies.push(JSON.parse(payload)));
    hub.serve(vehicleTopics('+', rules).inventoryTopic, (_, payload) => this.inventories.push(JSON.parse(payload)));
    hub.serve('$aws/certificates/create-from-csr/json', (...message) => void this.certify(...message));
    hub.serve('$aws/provisioning-templates/+/provision/json', (...message) => this.register(...message));
  }

  static async open(): Promise<TestCloud> {
    const directory = temporaryDirectory();
    const authority = await openAuthority(join(directory, 'authority'));
    return new TestCloud(authority, directory, new MemoryHub(), { certificatePem: 'claim', privateKeyPem: 'claim' });
  }

  desire(vehicleId: string, twin: string, desired: object): void {
    this.shadows.update(vehicleId, twin, Buffer.from(JSON.stringify({ state: { desired } })));
  }

  shadow(vehicleId: string, twin: string): unknown {
    return this.shadows.get(vehicleId, twin)['state'];
  }

  command(vehicleId: string, request: Partial<CommandRequest> & { commandId: string; name: string }): void {
    const now = Date.now();
    const full: CommandRequest = { parameters: {}, issuedAt: now, expiresAt: now + 30_000, ...request };
    this.hub.publish(vehicleTopics(vehicleId, rules).commandTopic, JSON.stringify(full));
  }

  private async certify(topic: string, payload: string, clientId: string): Promise<void> {
    const { certificatePem, certificateId } = await this.authority.signCsr(
      JSON.parse(payload).certificateSigningRequest,
    );
    const certificateOwnershipToken = `token-${certificateId}`;
    this.tokens.set(certificateOwnershipToken, certificatePem);
    this.issued.push(certificateId);
    this.hub.sendTo(
      clientId,
      `${topic}/accepted`,
      JSON.stringify({ certificateOwnershipToken, certificateId, certificatePem }),
    );
  }

  private register(topic: string, payload: string, clientId: string): void {
    const { certificateOwnershipToken: token, parameters } = JSON.parse(payload);
    const reject = (statusCode: number, errorCode: string) =>
      this.hub.sendTo(
        clientId,
        `${topic}/rejected`,
        JSON.stringify({ statusCode, errorCode, errorMessage: errorCode }),
      );
    const certificatePem = this.tokens.get(token);
    if (topic === rotationTopic && certificatePem !== undefined) {
      this.rotate(topic, token, certificatePem, clientId);
      return;
    }
    if (certificatePem === undefined) {
      reject(400, 'InvalidCertificateOwnershipToken');
      return;
    }
    const spki = new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' });
    const key = createHash('sha256').update(spki).digest('hex');
    if ((this.admitted.get(parameters.Vin) ?? key) !== key) {
      reject(403, 'AccessDenied');
      return;
    }
    this.tokens.delete(token);
    this.admitted.set(parameters.Vin, key);
    const thingName = vehicleIdOf(parameters.Vin);
    const deviceConfiguration = { ...vehicleTopics(thingName, rules), rotationTopic };
    this.own.set(thingName, [certificatePem]);
    this.hub.sendTo(clientId, `${topic}/accepted`, JSON.stringify({ thingName, deviceConfiguration }));
  }

  /** As the registry decides: the vehicle's own certificate stays, the one it changes to is replaced. */
  private rotate(topic: string, token: string, certificatePem: string, clientId: string): void {
    this.tokens.delete(token);
    const [own] = this.own.get(clientId) ?? [];
    if (own === undefined) return;
    this.own.set(clientId, [own, certificatePem]);
    const deviceConfiguration = { ...vehicleTopics(clientId, rules), rotationTopic };
    this.hub.sendTo(clientId, `${topic}/accepted`, JSON.stringify({ thingName: clientId, deviceConfiguration }));
  }

  /** Lets in whom the registry would, and ends the former certificate with the first connection of the next. */
  readonly gate = ({ clientId, certificatePem }: ConnectOptions): boolean => {
    const known = this.own.get(clientId);
    if (known === undefined) return true;
    const isLetIn = known.includes(certificatePem);
    if (isLetIn && known.indexOf(certificatePem) > 0) this.own.set(clientId, [certificatePem]);
    return isLetIn;
  };
}
