import type { Inventory } from '#device-sdk/inventory.ts';
import type { PlannedVehicle } from './plan.ts';

/** What is built into a vehicle. Part numbers know no exclamation marks, whatever marketing calls the model. */
export function inventoryOf({ model }: Pick<PlannedVehicle, 'model'>): Inventory {
  const series = model.replace(/[^\w.:+-]/g, '');
  const ecu = (ecuId: string, hardwareId: string, releaseCounter: number) => {
    return { ecuId, hardwareId, softwareVersion: `${releaseCounter}.0.0`, releaseCounter };
  };
  return {
    softwareVersion: '4.2.0',
    ecus: [
      ecu('gateway', `${series}-gw-2`, 4),
      ecu('battery-management', `${series}-bms-1`, 3),
      ecu('body-control', `${series}-bcm-1`, 2),
      ecu('infotainment', `${series}-ivi-3`, 7),
    ],
  };
}
