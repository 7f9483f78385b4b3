import * as z from 'zod/mini';
import { newDeviceKey } from './certificate-request.ts';
import { type Identity, type Issued, identityFields, isSameIdentity, issuedSchema } from './certification.ts';
import { confirmIdentity, storedIdentity } from './identity-memory.ts';
import type { Storage } from './storage.ts';

const identity = z.object(identityFields);
/** `earlier`: was issued for the same key, and refused when it was tried; the cloud may want it all the same. */
const earlier = z.optional(identity);

/** Each step is kept before the next is taken, so that a vehicle that dies goes on where it was. */
const stepSchema = z.discriminatedUnion('step', [
  z.object({ step: z.literal('keyed'), privateKeyPem: z.string(), earlier }),
  z.object({ step: z.literal('certified'), privateKeyPem: z.string(), certificate: issuedSchema, earlier }),
  z.object({ step: z.literal('issued'), identity }),
]);
type Step = z.infer<typeof stepSchema>;

const formerSchema = z.object({ identity, since: z.optional(z.number()) });

const document = 'rotation';
const formerDocument = 'identity-former';

/**
 * For so long (ms) the former certificate is kept beside the one that took its place. The cloud gives a certificate up
 * that it has never seen connect, within eight days: what still opens the door after fourteen is the vehicle's own.
 */
const settling = 14 * 24 * 3_600_000;

/** What the vehicle keeps of a change of its certificate, beside its identity. */
export class RotationMemory {
  private readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  /** Everything that may open the door, in the order in which it is to be tried. */
  identities(): readonly Identity[] {
    const own = storedIdentity(this.storage);
    if (own === undefined) return [];
    const step = this.step();
    const issued = step?.step === 'issued' ? step.identity : undefined;
    const all = [issued, own, step?.step === 'issued' ? undefined : step?.earlier, this.former()?.identity];
    const known = all.filter((each) => each !== undefined);
    return known.filter((one, at) => known.findIndex((other) => isSameIdentity(other, one)) === at);
  }

  /** Whether something was begun, or the vehicle is not who it means to be: then it changes its certificate at once. */
  isOpen(present: Identity): boolean {
    return this.step() !== undefined || this.identities()[0]?.certificateId !== present.certificateId;
  }

  /** The step that was reached; begins where there is none. What was issued and not taken is asked for again. */
  begun(): Exclude<Step, { step: 'issued' }> {
    const step = this.step();
    if (step !== undefined && step.step !== 'issued') return step;
    const privateKeyPem = step?.identity.privateKeyPem ?? newDeviceKey();
    const fresh = { step: 'keyed' as const, privateKeyPem, earlier: step?.identity };
    this.keep(fresh);
    return fresh;
  }

  certified(certificate: Issued): void {
    const { privateKeyPem, earlier: before } = this.begun();
    this.keep({ step: 'certified', privateKeyPem, certificate, earlier: before });
  }

  /** The certificate is of no use: the same key asks for another. */
  spent(): void {
    const { privateKeyPem, earlier: before } = this.begun();
    this.keep({ step: 'keyed', privateKeyPem, earlier: before });
  }

  /**
   * The cloud wants the vehicle to become `next`.
   *
   * @param askedAs who it was when it asked: the cloud knows it and nobody else beside
   */
  issued(next: Identity, askedAs: Identity): void {
    this.keep({ step: 'issued', identity: next });
    const own = storedIdentity(this.storage);
    if (own === undefined || !isSameIdentity(own, askedAs)) confirmIdentity(this.storage, askedAs);
    this.storage.remove(formerDocument);
  }

  /** The cloud let the vehicle in as this one. True where it is another than before. */
  accepted(taken: Identity): boolean {
    const own = storedIdentity(this.storage);
    const step = this.step();
    const next = step?.step === 'issued' ? step.identity : step?.earlier;
    if (own === undefined || next === undefined || !isSameIdentity(next, taken)) return false;
    if (!isSameIdentity(own, taken)) {
      this.storage.write(formerDocument, { identity: own });
      confirmIdentity(this.storage, taken);
    }
    this.storage.remove(document);
    return true;
  }

  /** @param now the cloud's time at the earliest, while the vehicle is online as its own identity */
  settled(now: number): void {
    const former = this.former();
    if (former === undefined) return;
    if (former.since === undefined) this.storage.write(formerDocument, { ...former, since: now });
    else if (now - former.since >= settling) this.storage.remove(formerDocument);
  }

  private former() {
    return formerSchema.safeParse(this.storage.read(formerDocument)).data;
  }

  private step(): Step | undefined {
    const step = stepSchema.safeParse(this.storage.read(document)).data;
    if (step === undefined) this.storage.putAside(document);
    return step;
  }

  private keep(step: Step): void {
    this.storage.write(document, step);
  }
}
