import * as z from 'zod/mini';
import { deviceCertificate, hookRequest } from '../device-certificate.ts';
import { logger, metrics, observed } from '../observability.ts';
import { wireFleet } from '../wiring/fleet.ts';

const fleet = wireFleet();

const hookEvent = z.object({ ...hookRequest, parameters: z.object({ Vin: z.string() }) });

/** Somebody with a claim wants to be a vehicle. Whatever is wrong: no, and why stands in the log alone. */
export const handler = observed(async (event: unknown) => {
  const request = hookEvent.safeParse(event);
  if (!request.success) return refused('not-as-agreed');
  const { certificateId, certificatePem, parameters } = request.data;
  const admission = await fleet.admit(parameters.Vin, deviceCertificate(certificateId, certificatePem));
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
