import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { aRegistration } from '../../contract/samples.ts';
import type { TestApi } from './test-api.ts';

/** A vehicle that has provisioned itself and is connected. */
export async function anActiveVehicle(api: TestApi, brand = 'volkswagen'): Promise<VehicleId> {
  const { vin } = aRegistration();
  const { json } = await api.call('POST', '/v1/vehicles', { body: { vin, brand, model: 'ID.3', market: 'DE' } });
  const certificateId = `certificate-of-${json.vehicleId}`;
  const admission = await api.fleet.admit(vin, { certificateId, deviceKeySha256: 'a'.repeat(64), expiresAt: 9e12 });
  if (!admission.admitted) throw new Error(admission.reason);
  const { vehicleId } = admission.vehicle;
  await connection(api, vehicleId, 'connected');
  return vehicleId;
}

export async function connection(
  api: TestApi,
  vehicleId: VehicleId,
  kind: 'connected' | 'disconnected',
): Promise<void> {
  await api.fleet.observe({
    ...{ vehicleId, kind, sessionId: 'session', connection: 0, at: api.time.now },
    certificateId: `certificate-of-${vehicleId}`,
  });
}
