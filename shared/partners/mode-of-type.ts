import type { VehicleType } from '../sharing/setup/system.ts';
import type { Mode } from './tomp/mode.ts';

/** TOMP's word for a kind of vehicle (GBFS 3.0: `form_factor`). */
export function modeOf(formFactor: VehicleType['formFactor']): Mode {
  switch (formFactor) {
    case 'car':
      return 'CAR';
    case 'bicycle':
    case 'cargo_bicycle':
      return 'BICYCLE';
    case 'moped':
      return 'MOPED';
    case 'scooter_standing':
    case 'scooter_seated':
      return 'STEP';
    case 'other':
      return 'OTHER';
  }
}
