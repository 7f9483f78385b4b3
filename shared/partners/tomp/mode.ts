import * as z from 'zod/mini';

/** `mode`: NeTEx's, with `OTHER` and `PARKING`. */
export const mode = z.enum([
  ...(['AIR', 'BUS', 'TROLLEYBUS', 'TRAM', 'COACH', 'RAIL', 'INTERCITYRAIL', 'URBANRAIL', 'METRO', 'WATER'] as const),
  ...(['CABLEWAY', 'FUNICULAR', 'TAXI', 'SELFDRIVE', 'FOOT', 'BICYCLE', 'MOTORCYCLE', 'CAR', 'SHUTTLE'] as const),
  ...(['OTHER', 'PARKING', 'MOPED', 'STEP', 'FERRY'] as const),
]);
export type Mode = z.infer<typeof mode>;
