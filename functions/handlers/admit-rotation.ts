import * as z from 'zod/mini';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { deviceCertificate, hookRequest } from '../device-certificate.ts';
import { logger, metrics, observed } from '../observability.ts';
import { systemClock as clock } from '../wiring/clock.ts';
import { wireRotations } from '../wiring/rotations.ts';
import { wireSecurityDesk } from '../wiring/security-desk.ts';

const rotations = wireRotations();
const security = wireSecurityDesk();

/** These no vehicle asks for by mistake. */
const suspicious: readonly string[] = ['not-its-certificate', 'reserved-for-another-key'];

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
  if (!decision.admitted) {
    if (suspicious.includes(decision.reason)) await raised(clientId, decision.reason, claimCertificateId);
    return refused(decision.reason);
  }
  const { vehicleId } = decision.vehicle;
  logger.info('rotation admitted', { vehicleId });
  return { allowProvisioning: true, parameterOverrides: { VehicleId: vehicleId } };
});

/** It is refused all the same where nobody can be told. */
async function raised(vehicleId: string, reason: string, certificateId: string): Promise<void> {
  if (!isVehicleId(vehicleId)) return;
  const event = { kind: 'rotation-refused' as const, vehicleId, reason, certificateId, at: clock.now() };
  await security.raise(event).catch((error: unknown) => logger.error('security event was not told', { error }));
}

function refused(reason: string) {
  metrics.addMetric('RotationsRefused', 'Count', 1);
  logger.warn('rotation refused', { reason });
  return { allowProvisioning: false };
}
