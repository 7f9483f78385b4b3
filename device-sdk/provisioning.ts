import { claimClientPrefix, provisionTopic } from '#shared/vehicle-cloud/topics.ts';
import { certified, type Identity, registered } from './certification.ts';
import { type Host, type Log, reasonOf } from './host.ts';
import {
  asideOf,
  forgetProgress,
  keepProgress,
  keyedProgress,
  storedIdentity,
  storedProgress,
} from './identity-memory.ts';
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

/** Milliseconds between attempts: doubled each time, drawn at random below. */
const firstPause = 100;
const longestPause = 10_000;

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
  const aside = asideOf(storage);
  const { privateKeyPem, certificateId } = former;
  const begun = storedProgress(aside);
  const stored = begun?.step === 'provisioned' && begun.certificateId === certificateId;
  if (begun?.privateKeyPem !== privateKeyPem || stored) keepProgress(aside, { step: 'keyed', privateKeyPem });
  const identity = await provision({ ...options, storage: aside });
  keepProgress(storage, { step: 'provisioned', ...identity });
  forgetProgress(aside);
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
  if (progress.step !== 'keyed' && progress.step !== 'signed') return;
  const { privateKeyPem } = progress;
  keepProgress(storage, { step: 'certified', privateKeyPem, certificate: await certified(questions, privateKeyPem) });
}

async function register({ questions }: ProvisioningCall, { storage, vin, claim }: ProvisioningOptions): Promise<void> {
  const progress = storedProgress(storage);
  if (progress?.step !== 'certified') return;
  const { privateKeyPem, certificate } = progress;
  try {
    const topic = provisionTopic(claim.templateName);
    const identity = await registered(questions, topic, privateKeyPem, certificate, { Vin: vin });
    keepProgress(storage, { step: 'provisioned', ...identity });
  } catch (error) {
    // Used up by a registration whose answer was lost, or an hour old: the same key asks for a new certificate.
    if (error instanceof ProvisioningRefused) keepProgress(storage, { step: 'keyed', privateKeyPem });
    if (error instanceof ProvisioningRefused && error.code === 'InvalidCertificateOwnershipToken') {
      throw new Error('the certificate was spent, asking for another', { cause: error });
    }
    throw error;
  }
}
