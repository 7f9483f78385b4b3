import type { PlannedVehicle } from '#local/factory/fleet-plan.ts';

/** The vehicles of the story. */
export const golf: PlannedVehicle = { vin: 'WVWZZZAUZLW000001', brand: 'volkswagen', model: 'e-Golf', market: 'DE' };
export const peugeot: PlannedVehicle = { vin: 'VR3UHZKXZMT000001', brand: 'peugeot', model: 'e-208', market: 'FR' };
