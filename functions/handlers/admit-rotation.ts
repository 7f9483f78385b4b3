import * as z from 'zod/mini';
import { deviceCertificate, hookRequest } from '../device-certificate.ts';
import { logger, metrics, observed } from '../observability.ts';
import { wireRotations } from '../wiring/rotations.ts';

const rotations = wireRotations();

/** What the vehicle says beside (`parameters`) counts for nothing: its name is that of its connection. */
const hookEvent = z.object({ ...hookRequest, claimCertificateId: z.string().check(z.minLength(1)) });

/** A vehicle wants another certificate. Whatever is wrong: no, and why stands in the log alone. */
export const handler = observed(async (event: unknown) => {
  const request = hookEvent.safeParse(event);
  if (!request.success) return refused('not-as-agreed');
  const { claimCertificateId, certificateId, certificatePem, clientId } = request.data;
  logger.appendKeys({ certificateId, askedWith: claimCertificateId });
  const certificate = deviceCertificate(certificateId, certificatePem);
  const decision = await rotations.admit(clientId, { askedWith: claimCertificateId, certificate });
  if (!decision.admitted) return refused(decision.reason);
  const { vehicleId } = decision.vehicle;
  logger.info('rotation admitted', { vehicleId });
  return { allowProvisioning: true, parameterOverrides: { VehicleId: vehicleId } };
});

function refused(reason: string) {
  metrics.addMetric('RotationsRefused', 'Count', 1);
  logger.warn('rotation refused', { reason });
  return { allowProvisioning: false };
}
