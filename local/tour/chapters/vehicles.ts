import type { PlannedVehicle } from '#local/factory/fleet-plan.ts';

/** The vehicles of the story. */
export const golf: PlannedVehicle = { vin: 'WVWZZZAUZLW000001', brand: 'volkswagen', model: 'e-Golf', market: 'DE' };
export const peugeot: PlannedVehicle = { vin: 'VR3UHZKXZMT000001', brand: 'peugeot', model: 'e-208', market: 'FR' };
export const id3: PlannedVehicle = { vin: 'WVWZZZE1ZMP070001', brand: 'volkswagen', model: 'ID.3', market: 'DE' };
/** Takes updates; so do others of its kind. */
export const id5: PlannedVehicle = { vin: 'WVWZZZE2ZMP060001', brand: 'volkswagen', model: 'ID.5', market: 'FR' };

/** Shared by a city. */
export const cityGolf: PlannedVehicle = {
  vin: 'WVWZZZAUZLW080001',
  brand: 'volkswagen',
  model: 'e-Golf',
  market: 'DE',
};

/** Booked by a partner's app. */
export const partnersGolf: PlannedVehicle = { ...cityGolf, vin: 'WVWZZZAUZLW080011' };
/** Scratched, and caught speeding. */
export const scratchedGolf: PlannedVehicle = { ...cityGolf, vin: 'WVWZZZAUZLW080012' };

/** Of a year's production; none of them is ever built. */
export function production(index: number): PlannedVehicle {
  const vin = `WVWZZZE1ZMP${String(200_000 + index)}`;
  return { vin, brand: 'volkswagen', model: 'ID.7 Tourer', market: 'DE' };
}
