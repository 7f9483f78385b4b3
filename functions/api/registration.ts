import * as z from 'zod/mini';
import type { FieldError } from '#shared/kernel/failure.ts';
import { bodyFaults } from '#shared/kernel/input-faults.ts';
import type { RegistrationOrder } from '#shared/registry/vehicle.ts';
import { as, brandText, homeText, marketText, modelText, vinText } from './schemas.ts';

export const registrationSchema = as(
  z.strictObject({
    vin: vinText,
    brand: brandText,
    model: modelText,
    market: marketText,
    home: z.exactOptional(
      as(homeText, {
        description:
          'The device cloud that the vehicle will connect to, where it is not the one of its brand; `first` too',
      }),
    ),
    deviceKeySha256: z.exactOptional(
      as(z.string().check(z.regex(/^[0-9a-f]{64}$/)), {
        description:
          'SHA-256 (hex) of the device’s public key in SPKI form; where given, no other key is ever admitted',
      }),
    ),
  }),
  { id: 'Registration' },
);

/** The rules of `POST /v1/vehicles`, for whoever brings vehicles in by another way. */
export function judgedRegistration(
  value: unknown,
): { registration: RegistrationOrder } | { errors: readonly FieldError[] } {
  const result = registrationSchema.safeParse(value, { reportInput: true });
  return result.success ? { registration: result.data } : { errors: bodyFaults(result.error.issues) };
}

const ofNothing = judgedRegistration({});

/** What its members are called, in the order of the description. */
export const registrationMembers = {
  known: Object.keys(registrationSchema.shape),
  required: 'errors' in ofNothing ? ofNothing.errors.map(({ pointer }) => pointer.slice(1)) : [],
};
