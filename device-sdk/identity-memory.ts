import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import * as z from 'zod/mini';
import { newDeviceKey } from './certificate-request.ts';
import { type Identity, identityFields, issuedSchema } from './certification.ts';
import type { Storage } from './storage.ts';

/**
 * Each step is kept before the next is taken, so that a vehicle that dies goes on where it was. `certified` and `signed`
 * have a certificate that the cloud has not registered yet: its own on AWS, the plant's on Azure.
 */
const progressSchema = z.union([
  z.object({
    step: z.literal('provisioned'),
    ...identityFields,
    /** The vehicle was online with it once. */
    confirmed: z.optional(z.boolean()),
  }),
  z.object({ step: z.literal('certified'), privateKeyPem: z.string(), certificate: issuedSchema }),
  z.object({ step: z.literal('signed'), privateKeyPem: z.string(), certificatePem: z.string() }),
  z.object({ step: z.literal('keyed'), privateKeyPem: z.string() }),
]);
export type Progress = z.infer<typeof progressSchema>;

const document = 'identity';

/**
 * What should say who the vehicle is says nothing. The cloud knows the key that may still be in it, and no other:
 * it is kept, and the next life begins with a new key.
 */
export class UnreadableIdentity extends Error {
  override readonly name = 'UnreadableIdentity';

  constructor(aside: string) {
    super(`the vehicle's identity cannot be read; it was put aside as ${aside}`);
  }
}

/**
 * The stored identity; undefined as long as the vehicle has none.
 *
 * @throws UnreadableIdentity
 */
export function storedIdentity(storage: Storage): Identity | undefined {
  const progress = storedProgress(storage);
  if (progress?.step !== 'provisioned') return undefined;
  const { step: _, confirmed: __, ...identity } = progress;
  return identity;
}

/** Whether the vehicle was ever online with its stored identity. */
export function identityConfirmed(storage: Storage): boolean {
  const progress = storedProgress(storage);
  return progress?.step === 'provisioned' && progress.confirmed === true;
}

export function confirmIdentity(storage: Storage, identity: Identity): void {
  keepProgress(storage, { step: 'provisioned', ...identity, confirmed: true });
}

/**
 * The SHA-256 of the device's public key (SPKI DER, lower-case hex), made on first call. A registration
 * may name it as `deviceKeySha256`, and then admits this key alone.
 */
export function deviceKeySha256(storage: Storage): string {
  const { privateKeyPem } = keyedProgress(storage);
  const spki = createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex');
}

/** What was reached; begins with a new key where there is nothing. */
export function keyedProgress(storage: Storage): Progress {
  const progress = storedProgress(storage);
  if (progress !== undefined) return progress;
  const fresh: Progress = { step: 'keyed', privateKeyPem: newDeviceKey() };
  keepProgress(storage, fresh);
  return fresh;
}

export function storedProgress(storage: Storage): Progress | undefined {
  const progress = progressSchema.safeParse(storage.read(document)).data;
  if (progress !== undefined) return progress;
  const aside = storage.putAside(document);
  if (aside !== undefined) throw new UnreadableIdentity(aside);
  return undefined;
}

export function keepProgress(storage: Storage, progress: Progress): void {
  storage.write(document, progress);
}

/** Another place for the same steps, beside an identity that is not given up yet. */
export function asideOf(storage: Storage): Storage {
  return {
    directory: storage.directory,
    read: (name) => storage.read(`${name}-again`),
    write: (name, value) => storage.write(`${name}-again`, value),
    remove: (name) => storage.remove(`${name}-again`),
    putAside: (name) => storage.putAside(`${name}-again`),
  };
}

export function forgetProgress(storage: Storage): void {
  storage.remove(document);
}
