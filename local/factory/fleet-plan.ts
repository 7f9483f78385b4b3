/** A vehicle that the factory built and the registry is told to expect. */
export interface PlannedVehicle {
  readonly vin: string;
  readonly brand: string;
  readonly model: string;
  readonly market: string;
  /** Its device cloud, where that is not the one of its brand. */
  readonly home?: string;
}

interface Line {
  readonly brand: string;
  readonly model: string;
  readonly market: string;
  /** World manufacturer identifier and vehicle descriptor: the first eleven characters of the VIN. */
  readonly prefix: string;
}

const lines: readonly Line[] = [
  { brand: 'volkswagen', model: 'ID.3', market: 'DE', prefix: 'WVWZZZE1ZMP' },
  { brand: 'volkswagen', model: 'e-Golf', market: 'DE', prefix: 'WVWZZZAUZLW' },
  { brand: 'peugeot', model: 'e-208', market: 'FR', prefix: 'VR3UHZKXZMT' },
  { brand: 'bmw', model: 'i3', market: 'DE', prefix: 'WBY8P210XM7' },
  { brand: 'volkswagen', model: 'e-up!', market: 'FR', prefix: 'WVWZZZAAZLD' },
  { brand: 'audi', model: 'e-tron', market: 'DE', prefix: 'WAUZZZGE1LB' },
];

/** The first `count` vehicles of the simulated production, the same at every start. */
export function fleetPlan(count: number): PlannedVehicle[] {
  return Array.from({ length: count }, (_, index) => {
    const line = lines[index % lines.length] ?? lines[0];
    if (line === undefined) throw new Error('The simulated factory has no production line.');
    const serial = String(Math.floor(index / lines.length) + 1).padStart(6, '0');
    return { vin: `${line.prefix}${serial}`, brand: line.brand, model: line.model, market: line.market };
  });
}

/** The vehicle that drives a recording (`--replay`). */
export const recordedVehicle: PlannedVehicle = {
  vin: 'WVWZZZE1ZMP900001',
  brand: 'volkswagen',
  model: 'ID.3',
  market: 'DE',
};
