/** What the load generator is told, as JSON in its first argument. */
export interface LoadPlan {
  readonly cloudFile: string;
  readonly vehicles: readonly LoadedVehicle[];
  /** Messages a second, all vehicles together. */
  readonly rate: number;
  readonly seconds: number;
}

export interface LoadedVehicle {
  readonly vehicleId: string;
  readonly topic: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** What it prints at the end, as one line of JSON. */
export interface LoadReport {
  readonly sent: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly seconds: number;
}

/** Ten signals make a hundred readings a message. */
export const readingsOfPath = 10;
