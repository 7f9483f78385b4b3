import * as z from 'zod/mini';
import type { Scope } from '../access/scopes.ts';
import { reservationIdPattern } from '../sharing/sharing-id.ts';
import { endTripCommand } from '../vehicle-cloud/sharing-envelopes.ts';

export interface CommandDefinition {
  readonly summary: string;
  readonly scope: Scope;
  readonly parameters: z.ZodMiniType<Readonly<Record<string, unknown>>>;
  readonly example: Readonly<Record<string, unknown>>;
}

const nothing = z.strictObject({});

/** What a vehicle can be told to do. The vehicle decides whether it does it. */
export const commandCatalogue = {
  'doors.lock': { summary: 'Lock all doors', scope: 'control_security', parameters: nothing, example: {} },
  'doors.unlock': { summary: 'Unlock all doors', scope: 'control_security', parameters: nothing, example: {} },
  'climate.start': {
    summary: 'Bring the cabin to a temperature (°C), for some minutes',
    scope: 'control_climate',
    parameters: z.strictObject({
      targetTemperature: z.exactOptional(z.number().check(z.gte(15), z.lte(30))),
      durationMinutes: z.exactOptional(z.int().check(z.gte(1), z.lte(60))),
    }),
    example: { targetTemperature: 21, durationMinutes: 20 },
  },
  'climate.stop': { summary: 'Stop the climate control', scope: 'control_climate', parameters: nothing, example: {} },
  'charge.start': {
    summary: 'Start charging, up to a state of charge (percent)',
    scope: 'control_charge',
    parameters: z.strictObject({ targetStateOfCharge: z.exactOptional(z.int().check(z.gte(20), z.lte(100))) }),
    example: { targetStateOfCharge: 80 },
  },
  'charge.stop': { summary: 'Stop charging', scope: 'control_charge', parameters: nothing, example: {} },
  'horn-lights.flash': {
    summary: 'Flash the lights for some seconds, with the horn where asked',
    scope: 'control_attention',
    parameters: z.strictObject({
      seconds: z.exactOptional(z.int().check(z.gte(1), z.lte(30))),
      horn: z.exactOptional(z.boolean()),
    }),
    example: { seconds: 5, horn: false },
  },
  [endTripCommand]: {
    summary: 'End the trip of a shared vehicle by its operator’s order, where it stands still with the ignition off',
    scope: 'manage_sharing',
    parameters: z.strictObject({ reservationId: z.string().check(z.regex(reservationIdPattern)) }),
    example: { reservationId: 'rsv-01l8q3m2gk3vq7n2mzt5ahx6cwp4r' },
  },
} as const satisfies Record<string, CommandDefinition>;

export type CommandName = keyof typeof commandCatalogue;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commandCatalogue, name);
}

export const commandNames: readonly CommandName[] = Object.keys(commandCatalogue).filter(isCommandName);

export const controlScopes: readonly Scope[] = [...new Set(commandNames.map((name) => commandCatalogue[name].scope))];
