import * as z from 'zod/mini';
import { admissionAnswerSchema } from '#shared/vehicle-cloud/device-post.ts';
import type { Platform } from './platform.ts';

/** "Understand custom allocation policies": what the provisioning service asks its webhook. */
const asked = z.object({
  deviceRuntimeContext: z.object({
    registrationId: z.string(),
    x509: z.object({ clientCertificate: z.string() }),
    payload: z.object({ vin: z.string() }),
  }),
  linkedHubs: z.array(z.string()),
});

/** And what it wants to hear: the hub, and what the device's twin begins with. */
export interface Allocation {
  readonly iotHubHostName: string;
  readonly initialTwin: {
    readonly tags: Readonly<Record<string, unknown>>;
    readonly properties: { readonly desired: Readonly<Record<string, never>> };
  };
}

export interface Place {
  readonly home: string;
  /** Where this home's vehicles go. */
  readonly hub: string;
}

export type Allocated =
  | { readonly kind: 'allocated'; readonly allocation: Allocation }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Whether a device of the plant may be the vehicle that it says, by the platform's registry alone.
 *
 * @throws PlatformAway where the registry does not say: the device asks again
 */
export async function allocate(request: unknown, { home, hub }: Place, platform: Platform): Promise<Allocated> {
  const read = asked.safeParse(request);
  if (!read.success) return { kind: 'refused', reason: 'not-as-agreed' };
  const { deviceRuntimeContext: device, linkedHubs } = read.data;
  if (!linkedHubs.includes(hub)) return { kind: 'refused', reason: 'hub-not-linked' };
  const { registrationId, x509, payload } = device;
  const answer = await platform.post('device-admissions', {
    ...{ vehicleId: registrationId, registrationId, vin: payload.vin },
    certificatePem: pem(x509.clientCertificate),
  });
  if (answer.kind === 'refused') return { kind: 'refused', reason: answer.reason };
  const admission = admissionAnswerSchema.parse(answer.body);
  if (!admission.admitted) return { kind: 'refused', reason: 'not-admitted' };
  const { brand, market, epoch } = admission;
  const tags = { vehicleId: registrationId, brand, market, home: { name: home, epoch } };
  return { kind: 'allocated', allocation: { iotHubHostName: hub, initialTwin: { tags, properties: { desired: {} } } } };
}

/** It comes as PEM, or as the base64 in it. */
function pem(certificate: string): string {
  if (certificate.includes('-----BEGIN')) return certificate;
  return `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`;
}
