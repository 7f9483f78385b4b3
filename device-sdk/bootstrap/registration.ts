import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { channels } from '../azure/channels.ts';
import { certificateRequest } from '../certificate-request.ts';
import type { Identity } from '../certification.ts';
import type { FirstIntroduction } from '../dialect.ts';
import { type Host, reasonOf } from '../host.ts';
import { keepProgress, keyedProgress, storedIdentity } from '../identity-memory.ts';
import { ProvisioningRefused } from '../questions.ts';
import type { Storage } from '../storage.ts';
import type { PlantClaim } from './plant-claim.ts';
import { registered } from './provisioning-service.ts';

export interface RegistrationOptions extends FirstIntroduction {
  readonly claim: PlantClaim;
}

/** How often a lost answer is asked for again. */
const attempts = 5;
/** Milliseconds between attempts: doubled each time, drawn at random below. */
const firstPause = 100;
const longestPause = 10_000;

/**
 * The key is made on board and kept before anything is sent, the plant signs for it, and the provisioning service says
 * in which hub the vehicle is at home. An answer that got lost at any step is asked for again with the same key.
 *
 * @throws ProvisioningRefused where the plant or the cloud understood and said no
 */
export async function provision(options: RegistrationOptions): Promise<Identity> {
  const known = storedIdentity(options.storage);
  if (known !== undefined) return known;
  return repeated(options, async () => {
    const { privateKeyPem, certificatePem } = await signed(options);
    return register(options, privateKeyPem, certificatePem);
  });
}

/**
 * For a vehicle that its hub does not let in: the provisioning service is asked anew where it is at home.
 *
 * @throws ProvisioningRefused
 */
export function provisionAgain(options: RegistrationOptions, former: Identity): Promise<Identity> {
  return repeated(options, () => register(options, former.privateKeyPem, former.certificatePem));
}

/** What a plant signs that is not asked over a network: PKCS#10, PEM, for the key that the vehicle has made. */
export function signingRequest(storage: Storage): string {
  return certificateRequest(keyedProgress(storage).privateKeyPem);
}

/**
 * Puts the plant's answer into the vehicle's memory, which then has no use for its `plant` any more.
 *
 * @param certificatePem the vehicle's own certificate, then those between it and the root
 * @throws Error where it is for another key, or names no vehicle
 */
export function keepCertificate(storage: Storage, certificatePem: string): void {
  const progress = keyedProgress(storage);
  if (progress.step === 'provisioned') throw new Error('the vehicle has its identity already');
  const { privateKeyPem } = progress;
  const certificate = readCertificate(certificatePem);
  if (!certificate.checkPrivateKey(createPrivateKey(privateKeyPem))) {
    throw new Error('the certificate of the plant is for another key');
  }
  vehicleIdOf(certificate);
  keepProgress(storage, { step: 'signed', privateKeyPem, certificatePem });
}

async function signed({ storage, claim }: RegistrationOptions) {
  const progress = keyedProgress(storage);
  if (progress.step === 'signed') return progress;
  keepCertificate(storage, await claim.plant(signingRequest(storage)));
  return signedBefore(storage);
}

function signedBefore(storage: Storage) {
  const progress = keyedProgress(storage);
  if (progress.step !== 'signed') throw new Error('the certificate of the plant is not kept');
  return progress;
}

async function register(options: RegistrationOptions, privateKeyPem: string, certificatePem: string) {
  const { claim, storage, vin } = options;
  const certificate = readCertificate(certificatePem);
  const registrationId = vehicleIdOf(certificate);
  const { deviceId, assignedHub } = await registered(claim, { registrationId, certificatePem, privateKeyPem, vin });
  const identity: Identity = {
    vehicleId: deviceId,
    certificateId: createHash('sha256').update(certificate.raw).digest('hex'),
    certificatePem,
    privateKeyPem,
    topics: channels,
    endpoint: assignedHub,
  };
  keepProgress(storage, { step: 'provisioned', ...identity });
  return identity;
}

async function repeated<Result>({ host, log }: RegistrationOptions, attempt: () => Promise<Result>): Promise<Result> {
  for (let number = 1; ; number += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof ProvisioningRefused || number >= attempts) throw error;
      log(`provisioning, attempt ${number}: ${reasonOf(error)}`);
    }
    await pause(host, Math.min(firstPause * 2 ** number, longestPause));
  }
}

/** Somewhere within the time given, so that a factory hall of vehicles does not ask in step. */
function pause(host: Host, upTo: number): Promise<void> {
  return new Promise((resolve) => {
    host.after(Math.random() * upTo, resolve);
  });
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Error('the plant answered with no certificate', { cause: error });
  }
}

function vehicleIdOf({ subject }: X509Certificate): string {
  const name = /^CN=(.+)$/m.exec(subject)?.[1];
  if (name === undefined) throw new Error('the certificate of the plant names no vehicle');
  return name;
}
