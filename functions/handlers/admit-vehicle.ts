import { createHash, X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import { logger, metrics, observed } from '../observability.ts';
import { wireFleet } from '../wiring/fleet.ts';

const fleet = wireFleet();

/** AWS IoT Core, "Pre-provisioning hooks", payload version 2020-04-01. */
const hookEvent = z.object({
  certificateId: z.string().check(z.minLength(1)),
  certificatePem: z.string(),
  clientId: z.string(),
  parameters: z.object({ Vin: z.string() }),
});

/** Somebody with a claim wants to be a vehicle. Whatever is wrong: no, and why stands in the log alone. */
export const handler = observed(async (event: unknown) => {
  const request = hookEvent.safeParse(event);
  if (!request.success) return refused('not-as-agreed');
  const { certificateId, certificatePem, parameters } = request.data;
  const admission = await fleet.admit(parameters.Vin, { certificateId, ...factsOf(certificatePem) });
  if (!admission.admitted) return refused(admission.reason);
  const { vehicleId, brand } = admission.vehicle;
  logger.info('vehicle admitted', { vehicleId, certificateId });
  return { allowProvisioning: true, parameterOverrides: { VehicleId: vehicleId, Brand: brand } };
});

function refused(reason: string) {
  metrics.addMetric('VehiclesRefused', 'Count', 1);
  logger.warn('vehicle refused', { reason });
  return { allowProvisioning: false };
}

/** The pin is over the public key (SPKI, DER), so that it can be known before there is a certificate. */
function factsOf(certificatePem: string) {
  const certificate = new X509Certificate(certificatePem);
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return {
    deviceKeySha256: createHash('sha256').update(key).digest('hex'),
    expiresAt: Date.parse(certificate.validTo),
  };
}
