import { createHash, X509Certificate } from 'node:crypto';
import { certified, type Identity, registered } from './certification.ts';
import type { Bounds } from './cloud-clock.ts';
import { type Cancel, type Host, type Log, reasonOf } from './host.ts';
import { ProvisioningRefused, Questions, type Wire } from './questions.ts';
import type { RotationMemory } from './rotation-memory.ts';

/** What becomes of the vehicle's certificate. */
export type CertificateEvent =
  | { readonly kind: 'changed'; readonly certificateId: string; readonly expiresAt: number }
  | { readonly kind: 'not-changed'; readonly reason: string };

export interface RotationParts {
  readonly memory: RotationMemory;
  readonly wire: Wire;
  readonly host: Host;
  readonly log: Log;
  /** Who the vehicle is on its present line. */
  readonly identity: () => Identity | undefined;
  /** The cloud's time, asked for where it is not known yet; undefined when it cannot be had. */
  readonly cloudTime: () => Promise<Bounds | undefined>;
  /** Dials anew as this one. */
  readonly become: (identity: Identity) => Promise<void>;
  /** Milliseconds to wait for an answer; default 10,000. */
  readonly answerTimeout?: number | undefined;
}

const hour = 3_600_000;
const day = 24 * hour;
/** A certificate is changed in the last third of its life, and in its last ninety days at the earliest. */
const lastPart = 1 / 3;
const longestPart = 90 * day;
/** How much of that time vehicles are spread over, so that a fleet of one age does not come at once. */
const spread = 1 / 4;
const checkPause = 6 * hour;
/** Milliseconds between attempts: doubled each time, drawn at random from the upper half. */
const firstPause = 30_000;
const longestPause = 6 * hour;
/** A token may be spent by an answer that was lost: so often the same key asks anew at once. */
const freshStarts = 2;

/** When the vehicle begins to change this certificate; ms since the Unix epoch. */
function rotationDueAt({ certificateId, certificatePem }: Identity): number {
  const { validFrom, validTo } = new X509Certificate(certificatePem);
  const [from, until] = [Date.parse(validFrom), Date.parse(validTo)];
  const part = Math.min((until - from) * lastPart, longestPart);
  const share = createHash('sha256').update(certificateId).digest().readUInt32BE() / 2 ** 32;
  return until - part * (1 - spread * share);
}

/**
 * The vehicle changes its certificate by itself: a new key is made and kept, a certificate is asked for over the line
 * that stands, registered, and taken by dialling anew. The former one stays on board until the cloud has long given
 * up whatever it did not want.
 */
export class Rotation {
  private readonly parts: RotationParts;
  private readonly questions: Questions;
  private readonly listeners: ((event: CertificateEvent) => void)[] = [];
  private running: Promise<void> | undefined;
  private awaited: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private topic: string | undefined;
  private online = false;
  private pause = firstPause;
  /** Monotonic; the last attempt failed. */
  private notBefore = 0;
  private next: Cancel = () => {};

  constructor(parts: RotationParts) {
    this.parts = parts;
    this.questions = new Questions(parts.wire, parts.answerTimeout ?? 10_000, parts.host);
  }

  onEvent(listener: (event: CertificateEvent) => void): void {
    this.listeners.push(listener);
  }

  /**
   * Changes the certificate now; resolves when the vehicle is online with another one.
   *
   * @param topic where it is registered, for a vehicle that provisioning did not tell
   * @throws ProvisioningRefused where the cloud does not let it
   */
  rotate(topic?: string): Promise<void> {
    this.topic = topic ?? this.topic;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** What is under way; undefined where nothing is. Never rejects. */
  get underway(): Promise<void> | undefined {
    return this.running?.catch(() => {});
  }

  /** The line stands. */
  async connected(): Promise<void> {
    this.online = true;
    await this.check();
  }

  disconnected(): void {
    this.online = false;
    this.next();
    this.questions.fail(new Error('the line broke'));
  }

  /** For a vehicle that was closed just now. */
  close(): void {
    this.disconnected();
    this.awaited?.reject(new Error('the vehicle was closed'));
  }

  receive(topic: string, payload: Uint8Array): boolean {
    return this.questions.receive(topic, payload);
  }

  /** The cloud let the vehicle in as `identity`. */
  accepted(identity: Identity): void {
    const changed = this.parts.memory.accepted(identity);
    if (!changed) return;
    this.pause = firstPause;
    this.notBefore = 0;
    const { certificateId, certificatePem } = identity;
    this.tell({ kind: 'changed', certificateId, expiresAt: Date.parse(new X509Certificate(certificatePem).validTo) });
    this.awaited?.resolve();
  }

  /** The cloud refused everything but who the vehicle was before. */
  fellBack(): void {
    this.awaited?.reject(new Error('the cloud does not let the next certificate in'));
  }

  private async check(): Promise<void> {
    this.later(checkPause);
    const time = await this.parts.cloudTime();
    const identity = this.parts.identity();
    if (time === undefined || identity === undefined || !this.online) return;
    this.parts.memory.settled(time.earliest);
    const isDue = time.earliest >= rotationDueAt(identity) || this.parts.memory.isOpen(identity);
    if (isDue && this.running === undefined && this.parts.host.monotonic() >= this.notBefore) await this.rotate();
  }

  private async run(): Promise<void> {
    try {
      const { identity: present, become } = this.parts;
      const askedAs = present();
      if (askedAs === undefined || !this.online) throw new Error('the vehicle is not online');
      const next = await this.acquired(askedAs);
      const online = new Promise<void>((resolve, reject) => {
        this.awaited = { resolve, reject };
      });
      online.catch(() => {});
      await become(next);
      await online;
    } catch (error) {
      this.parts.log(`the certificate is not changed: ${reasonOf(error)}`);
      this.tell({ kind: 'not-changed', reason: reasonOf(error) });
      if (error instanceof ProvisioningRefused) this.pause = Math.max(this.pause, hour);
      const wait = this.pause * (0.5 + Math.random() / 2);
      this.notBefore = this.parts.host.monotonic() + wait;
      this.later(wait);
      this.pause = Math.min(this.pause * 2, longestPause);
      throw error;
    } finally {
      this.awaited = undefined;
    }
  }

  private async acquired(askedAs: Identity): Promise<Identity> {
    const topic = this.topic ?? askedAs.topics.rotationTopic;
    if (topic === undefined) throw new Error('the cloud has not said where certificates are changed');
    const { memory } = this.parts;
    for (let attempt = 0; ; attempt += 1) {
      const begun = memory.begun();
      if (begun.step === 'keyed') memory.certified(await certified(this.questions, begun.privateKeyPem));
      const step = memory.begun();
      if (step.step === 'keyed') continue;
      try {
        const { home, endpoint } = askedAs;
        const next: Identity = {
          ...(await registered(this.questions, topic, step.privateKeyPem, step.certificate, {})),
          ...(endpoint !== undefined && { endpoint }),
          ...(home !== undefined && { home }),
        };
        memory.issued(next, askedAs);
        return next;
      } catch (error) {
        if (!(error instanceof ProvisioningRefused)) throw error;
        memory.spent();
        if (error.code !== 'InvalidCertificateOwnershipToken' || attempt >= freshStarts) throw error;
      }
    }
  }

  private later(ms: number): void {
    this.next();
    this.next = this.parts.host.after(ms, () => {
      if (!this.online) return;
      this.check().catch((error) => this.parts.log(`the certificate: ${reasonOf(error)}`));
    });
  }

  private tell(event: CertificateEvent): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        this.parts.log(`a listener to certificates: ${reasonOf(error)}`);
      }
    }
  }
}
