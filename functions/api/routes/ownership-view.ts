import * as z from 'zod/mini';
import { type CodeText, codeTyped } from '#shared/ownership/claim-code.ts';
import { as, instant, text } from '../schemas.ts';

export const myVehicleSchema = as(
  z.object({
    vehicleId: z.string(),
    brand: z.string(),
    model: z.string(),
    since: instant('From then on it is mine'),
  }),
  { id: 'MyVehicle' },
);

export type MyVehicleView = z.infer<typeof myVehicleSchema>;

export const myVehicleExample: MyVehicleView = {
  vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r',
  brand: 'volkswagen',
  model: 'ID.3',
  since: '2026-11-21T08:30:00.000Z',
};

const typed = text(
  (value: string): value is string => codeTyped(value) !== undefined,
  () => 'is no code like 7K3M-9QWX',
  {
    pattern: '^\\s*([0-9A-Za-z][\\s-]*){8}$',
    description: 'As the screen shows it; upper and lower case, hyphen and spaces do not matter',
  },
);

/** What a person types from the screen. */
export const codeText = as(
  z.pipe(
    typed,
    z.transform((value: string): CodeText => codeTyped(value) ?? never()),
  ),
  { type: 'string' },
);

function never(): never {
  throw new TypeError('A code that was checked is none');
}

/** 20 random characters, as operations are called. */
export const offerIdText = text(
  (value: string): value is string => /^[a-z2-7]{20}$/.test(value),
  () => 'is no offer',
  { pattern: '^[a-z2-7]{20}$', description: 'The offer' },
);

export const usernameText = as(
  z.string().check(z.minLength(1), z.maxLength(128), z.regex(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u)),
  {
    description: 'What the other person signs in with, letter by letter: "Driver" and "driver" are two persons',
  },
);
