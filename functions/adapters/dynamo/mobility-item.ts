import * as z from 'zod/mini';
import { operatorIdValue, systemIdValue } from '#shared/sharing/id-values.ts';
import { mdsEvents, mdsStates } from '#shared/sharing/mds.ts';
import { hourText, startOfHour } from '#shared/sharing/mobility-data/hour.ts';
import type { CityRecord } from '#shared/sharing/mobility-data/mobility-book.ts';
import type { Device, ToldEvent } from '#shared/sharing/mobility-data/told-event.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { tripKeys } from './trip-keys.ts';

/** The one author of the keys of what is kept for cities, in the Trips table: moves and devices beside the vehicle's trips. */
export const mobilityKeys = {
  city: (systemId: SystemId) => ({ pk: `mobility#${systemId}`, sk: 'city' }),
  device: (systemId: SystemId, vehicleId: string) => ({
    pk: tripKeys.vehicle(vehicleId),
    sk: `${devicePrefix}${systemId}`,
  }),
  move: ({ vehicleId, version, place }: ToldEvent) => ({
    pk: tripKeys.vehicle(vehicleId),
    sk: `${movePrefix}${padded(version, 10)}#${padded(place, 2)}`,
  }),
  /** Partitions of the index `byHour`. */
  hour: (systemId: SystemId, at: number, shard: number) => `${systemId}#${hourText(startOfHour(at))}#${shard}`,
  devices: (systemId: SystemId) => `${systemId}#devices`,
  byHour: 'byHour',
};

export const movePrefix = 'move#';
const devicePrefix = 'mobility#';

/** How many partitions the moves of an hour are spread over: a city takes 4,000 a second. */
export const hourShards = 4;

/** Ids are random: any sum over them spreads. */
export function hourShardOf(vehicleId: string): number {
  let sum = 0;
  for (let at = 0; at < vehicleId.length; at += 1) sum += vehicleId.charCodeAt(at);
  return sum % hourShards;
}

const where = z.exactOptional(z.object({ latitude: z.number(), longitude: z.number() }));
const began = z.exactOptional(z.object({ at: z.number(), where }));

const toldValue: z.ZodMiniType<ToldEvent> = z.object({
  ...{ vehicleId: z.string(), systemId: systemIdValue, operatorId: operatorIdValue, vehicleTypeId: z.string() },
  ...{ event: z.enum(mdsEvents), reason: z.exactOptional(z.string()), state: z.enum(mdsStates) },
  ...{ at: z.number(), publishedAt: z.number(), version: z.number(), place: z.number() },
  ...{ fence: z.exactOptional(z.number()), where, charge: z.exactOptional(z.number()), began },
});

const deviceValue: z.ZodMiniType<Device> = z.object({
  ...{ last: toldValue, before: z.exactOptional(z.number()), where, firstWhere: where },
  use: z.exactOptional(z.object({ fence: z.number(), began })),
});

/** As JSON text, as what is read in thousands: text is read five times as fast as nested attributes. */
const toldItem = z.object({ told: z.string(), moment: z.string() });
const deviceItem = z.object({ device: z.string() });
const cityItem = z.object({ idKey: z.string(), since: z.number() });

export function toldOf(item: unknown): { readonly told: ToldEvent; readonly moment: string } {
  const { told, moment } = toldItem.parse(item);
  return { told: toldValue.parse(JSON.parse(told)), moment };
}

export function deviceOf(item: unknown): Device {
  return deviceValue.parse(JSON.parse(deviceItem.parse(item).device));
}

export function cityOf(item: unknown): CityRecord {
  return cityItem.parse(item);
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
