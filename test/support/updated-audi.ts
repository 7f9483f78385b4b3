import { join } from 'node:path';
import { factory } from '#device-sdk/examples/azure-factory.ts';
import { overHttp } from '#device-sdk/ota/download/range-request.ts';
import { SimulatedCar } from '#device-sdk/ota/simulated/simulated-car.ts';
import { uptane } from '#device-sdk/ota/uptane-verification.ts';
import type { FactoryRoots } from '#device-sdk/ota/verification/trusted-metadata.ts';
import type { VehicleOptions } from '#device-sdk/vehicle.ts';
import type { PlannedVehicle } from '#local/factory/fleet-plan.ts';
import type { JourneyCloud } from './journey-cloud.ts';

/** One that is online where it is at home, with one control unit, and whose driver accepts whatever is offered. */
export async function updatedAudi(
  scene: JourneyCloud,
  roots: FactoryRoots,
  planned: PlannedVehicle,
  more: Partial<VehicleOptions> = {},
) {
  const { journey, stateDirectory, cloud } = scene;
  const vehicleId = await journey.registered(planned);
  const unit = { ecuId: 'cockpit', hardwareId: 'cockpit-hw', softwareVersion: '1.0.0', releaseCounter: 1 };
  const car = new SimulatedCar(join(stateDirectory, `${planned.vin}-cockpit`), [unit]);
  car.body.set({ parked: true, ignitionOn: false, battery: 80, charging: false });
  const request = overHttp({ caFile: cloud.file.mqtt.caFile });
  const vehicle = journey.vehicle(planned.vin, {
    ...(planned.home !== 'first' && factory(cloud.file, vehicleId)),
    inventory: { softwareVersion: '4.0.0', ecus: [unit] },
    updates: { ecus: car.ecus, body: car.body, verification: uptane({ roots, primary: 'cockpit' }), request },
    ...more,
  });
  vehicle.updates?.onOffer((offer) => {
    if (offer?.state.status === 'offered') vehicle.updates?.accept();
  });
  const result = new Promise((resolve) => vehicle.updates?.onResult(resolve));
  await vehicle.connect();
  return { vehicle, vehicleId, car, result };
}
