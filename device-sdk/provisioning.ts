import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import * as z from 'zod/mini';
import { claimClientPrefix, provisionTopic } from '#shared/vehicle-cloud/topics.ts';
import { newDeviceKey } from './certificate-request.ts';
import { certified, type Identity, identityFields, issuedSchema, registered } from './certification.ts';
import { type Host, type Log, reasonOf } from './host.ts';
import { ProvisioningCall } from './provisioning-call.ts';
import { ProvisioningRefused } from './questions.ts';
import type { Storage } from './storage.ts';
import type { Transport } from './transport.ts';

/** What the factory gives a vehicle so that it can introduce itself once. */
export interface Claim {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly templateName: string;
}

/** Three steps, each kept before the next is taken, so that a vehicle that dies goes on where it was. */
const progressSchema = z.union([
  z.object({
    step: z.literal('provisioned'),
    ...identityFields,
    /** The vehicle was online with it once. */
    confirmed: z.optional(z.boolean()),
  }),
  z.object({ step: z.literal('certified'), privateKeyPem: z.string(), certificate: issuedSchema }),
  z.object({ step: z.literal('keyed'), privateKeyPem: z.string() }),
]);
type Progress = z.infer<typeof progressSchema>;

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

/** Milliseconds between attempts: doubled each time, drawn at random below. */
const firstPause = 100;
const longestPause = 10_000;

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
  keep(storage, { step: 'provisioned', ...identity, confirmed: true });
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

export interface ProvisioningOptions {
  readonly vin: string;
  readonly claim: Claim;
  readonly transport: Transport;
  readonly storage: Storage;
  readonly host: Host;
  readonly log: Log;
  /** Milliseconds to wait for an answer before asking again; default 10,000. */
  readonly answerTimeout?: number;
  /** How often a lost answer is asked for again; default 5. */
  readonly attempts?: number;
}

/**
 * Fleet provisioning by claim: the key is made on board and kept before anything is sent, a certificate is
 * asked for with a CSR, and the template registers the vehicle. An answer that got lost at any step is
 * asked for again with the same key; the cloud lets the same key retake its place at once.
 *
 * @throws ProvisioningRefused where the cloud understood and said no: asking again will not help by itself.
 */
export async function provision(options: ProvisioningOptions): Promise<Identity> {
  const { storage, host, log, attempts = 5 } = options;
  for (let attempt = 1; ; attempt += 1) {
    const identity = storedIdentity(storage);
    if (identity !== undefined) return identity;
    const call = new ProvisioningCall(options.transport, options.claim, {
      clientId: `${claimClientPrefix}${host.newId()}`,
      answerTimeout: options.answerTimeout ?? 10_000,
      host,
    });
    try {
      await call.opened();
      await certify(call, storage);
      await register(call, options);
    } catch (error) {
      if (error instanceof ProvisioningRefused || attempt >= attempts) throw error;
      log(`provisioning, attempt ${attempt}: ${reasonOf(error)}`);
    } finally {
      await call.close();
    }
    await pause(host, Math.min(firstPause * 2 ** attempt, longestPause));
  }
}

/**
 * For a vehicle whose identity the cloud never accepted: another certificate for the same key. The former
 * identity stays until the new one is stored; what was begun is gone on with.
 *
 * @throws ProvisioningRefused
 */
export async function provisionAgain(options: ProvisioningOptions, former: Identity): Promise<Identity> {
  const { storage } = options;
  const aside: Storage = {
    directory: storage.directory,
    read: (name) => storage.read(`${name}-again`),
    write: (name, value) => storage.write(`${name}-again`, value),
    remove: (name) => storage.remove(`${name}-again`),
    putAside: (name) => storage.putAside(`${name}-again`),
  };
  const { privateKeyPem, certificateId } = former;
  const begun = storedProgress(aside);
  const stored = begun?.step === 'provisioned' && begun.certificateId === certificateId;
  if (begun?.privateKeyPem !== privateKeyPem || stored) keep(aside, { step: 'keyed', privateKeyPem });
  const identity = await provision({ ...options, storage: aside });
  keep(storage, { step: 'provisioned', ...identity });
  aside.remove(document);
  return identity;
}

/** Somewhere within the time given, so that a factory hall of vehicles does not ask in step. */
function pause(host: Host, upTo: number): Promise<void> {
  return new Promise((resolve) => {
    host.after(Math.random() * upTo, resolve);
  });
}

async function certify({ questions }: ProvisioningCall, storage: Storage): Promise<void> {
  const progress = keyedProgress(storage);
  if (progress.step !== 'keyed') return;
  const { privateKeyPem } = progress;
  keep(storage, { step: 'certified', privateKeyPem, certificate: await certified(questions, privateKeyPem) });
}

async function register({ questions }: ProvisioningCall, { storage, vin, claim }: ProvisioningOptions): Promise<void> {
  const progress = storedProgress(storage);
  if (progress?.step !== 'certified') return;
  const { privateKeyPem, certificate } = progress;
  try {
    const topic = provisionTopic(claim.templateName);
    const identity = await registered(questions, topic, privateKeyPem, certificate, { Vin: vin });
    keep(storage, { step: 'provisioned', ...identity });
  } catch (error) {
    // Used up by a registration whose answer was lost, or an hour old: the same key asks for a new certificate.
    if (error instanceof ProvisioningRefused) keep(storage, { step: 'keyed', privateKeyPem });
    if (error instanceof ProvisioningRefused && error.code === 'InvalidCertificateOwnershipToken') {
      throw new Error('the certificate was spent, asking for another', { cause: error });
    }
    throw error;
  }
}

function keyedProgress(storage: Storage): Progress {
  const progress = storedProgress(storage);
  if (progress !== undefined) return progress;
  const fresh: Progress = { step: 'keyed', privateKeyPem: newDeviceKey() };
  keep(storage, fresh);
  return fresh;
}

function storedProgress(storage: Storage): Progress | undefined {
  const progress = progressSchema.safeParse(storage.read(document)).data;
  if (progress !== undefined) return progress;
  const aside = storage.putAside(document);
  if (aside !== undefined) throw new UnreadableIdentity(aside);
  return undefined;
}

function keep(storage: Storage, progress: Progress): void {
  storage.write(document, progress);
}
