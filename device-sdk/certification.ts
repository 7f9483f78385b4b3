import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import { certificateTopic } from '#shared/vehicle-cloud/topics.ts';
import { certificateRequest } from './certificate-request.ts';
import type { Questions } from './questions.ts';

/** Who the vehicle is, and with what it proves that. */
export interface Identity {
  readonly vehicleId: string;
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly topics: KnownTopics;
  /** Where the cloud has told this vehicle to call; none where all call at one place. */
  readonly endpoint?: string;
  /** The device cloud to which the vehicle was sent; none where it was introduced. */
  readonly home?: IdentityHome;
}

/** A device cloud that a vehicle was sent to. `epoch` rises with each move; `dialect`: how one speaks there. */
export interface IdentityHome {
  readonly name: string;
  readonly epoch: number;
  readonly dialect: string;
}

/** Where a vehicle was introduced, it is in its first epoch. */
export function epochOf({ home }: Pick<Identity, 'home'>): number {
  return home?.epoch ?? 0;
}

/** A vehicle that moves takes its certificate along: the same one stands for another identity in each home. */
export function isSameIdentity(one: Identity, other: Identity): boolean {
  return one.certificateId === other.certificateId && epochOf(one) === epochOf(other);
}

export const topicsSchema = z.object({
  telemetryTopic: z.string(),
  inventoryTopic: z.string(),
  commandReplyTopic: z.string(),
  commandTopic: z.string(),
  shadowTopicPrefix: z.exactOptional(z.string()),
  // A vehicle that was provisioned before these came learns them with its next certificate.
  claimCodeRequestTopic: z.exactOptional(z.string()),
  claimCodeTopic: z.exactOptional(z.string()),
  rotationTopic: z.exactOptional(z.string()),
  updateReportTopic: z.exactOptional(z.string()),
  updateTopic: z.exactOptional(z.string()),
  sharingReportTopic: z.exactOptional(z.string()),
  sharingTopic: z.exactOptional(z.string()),
  jobsTopicPrefix: z.exactOptional(z.string()),
});

/** The topics that the cloud has told the vehicle: those of its time. */
export type KnownTopics = z.infer<typeof topicsSchema>;

/** As an identity is kept on disk. */
export const identityFields = {
  vehicleId: z.string(),
  certificateId: z.string(),
  certificatePem: z.string(),
  privateKeyPem: z.string(),
  topics: topicsSchema,
  endpoint: z.exactOptional(z.string()),
  home: z.exactOptional(z.object({ name: z.string(), epoch: z.int(), dialect: z.string() })),
};

/** A certificate that the cloud has signed and not registered yet. */
export const issuedSchema = z.object({
  certificateId: z.string(),
  certificatePem: z.string(),
  certificateOwnershipToken: z.string(),
});
export type Issued = z.infer<typeof issuedSchema>;

const registrationSchema = z.object({ thingName: z.string(), deviceConfiguration: topicsSchema });

/** Asks for a certificate for the key. @throws ProvisioningRefused */
export function certified(questions: Questions, privateKeyPem: string): Promise<Issued> {
  const key = createPrivateKey(privateKeyPem);
  const request = { certificateSigningRequest: certificateRequest(privateKeyPem) };
  return questions.ask(certificateTopic, request, (answer) => {
    const issued = issuedSchema.safeParse(answer).data;
    return issued !== undefined && isFor(key, issued.certificatePem) ? issued : undefined;
  });
}

/** Has the template behind the topic register the certificate. @throws ProvisioningRefused */
export async function registered(
  questions: Questions,
  topic: string,
  privateKeyPem: string,
  { certificateId, certificatePem, certificateOwnershipToken }: Issued,
  parameters: Readonly<Record<string, string>>,
): Promise<Identity> {
  const { thingName, deviceConfiguration } = await questions.ask(
    topic,
    { certificateOwnershipToken, parameters },
    (answer) => registrationSchema.safeParse(answer).data,
  );
  return { vehicleId: thingName, certificateId, certificatePem, privateKeyPem, topics: deviceConfiguration };
}

function isFor(key: KeyObject, certificatePem: string): boolean {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(key);
  } catch {
    return false;
  }
}
