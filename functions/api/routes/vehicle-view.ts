import * as z from 'zod/mini';
import type { Caller } from '#shared/access/caller.ts';
import { certificatesOf, vehicleStatuses } from '#shared/registry/vehicle.ts';
import type { KnownVehicle } from '#shared/registry/vehicle-service.ts';
import { as, instant, isoTime } from '../schemas.ts';
import { homeSchema, homeViewOf, lastMoveSchema, moveSchema } from './home-view.ts';

export const statusSchema = as(z.enum(vehicleStatuses), {
  id: 'VehicleStatus',
  description:
    '`expected`: registered; `provisioned`: has its certificate; `active`: has connected with it; `suspended`: cut off for a time; `retired`: cut off for good',
});

export const vehicleSchema = as(
  z.object({
    vehicleId: z.string(),
    vin: z.exactOptional(
      as(z.string(), { description: 'Only for callers with the scope `read_vin`; never in answers to POST' }),
    ),
    brand: z.string(),
    model: z.string(),
    market: as(z.string(), { description: 'ISO 3166-1 alpha-2 code of the country it is made for' }),
    home: z.exactOptional(homeSchema),
    move: z.exactOptional(moveSchema),
    lastMove: z.exactOptional(lastMoveSchema),
    status: statusSchema,
    softwareVersion: z.exactOptional(
      as(z.string(), { description: 'Software of the whole vehicle; absent until it has reported it' }),
    ),
    connection: z.object({ connected: z.boolean(), since: z.exactOptional(instant()) }),
    certificateExpiresAt: z.exactOptional(instant('Of its present certificate; absent until it has one')),
    registeredAt: instant(),
    updatedAt: instant(),
  }),
  { id: 'Vehicle' },
);

export type VehicleView = z.infer<typeof vehicleSchema>;

export const vehicleExample: VehicleView = {
  vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r',
  brand: 'volkswagen',
  model: 'ID.3',
  market: 'DE',
  status: 'active',
  softwareVersion: '5.4.1',
  connection: { connected: true, since: '2026-11-21T08:30:00.000Z' },
  certificateExpiresAt: '2049-12-31T23:59:59.000Z',
  registeredAt: '2026-11-20T16:12:03.120Z',
  updatedAt: '2026-11-21T08:30:00.410Z',
};

/** As it is when it has been registered and nothing else. */
export const expectedExample: VehicleView = {
  vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r',
  brand: 'volkswagen',
  model: 'ID.3',
  market: 'DE',
  status: 'expected',
  connection: { connected: false },
  registeredAt: '2026-11-20T16:12:03.120Z',
  updatedAt: '2026-11-20T16:12:03.120Z',
};

/** Without the VIN: answers to POST are remembered for repetition, and the VIN lives in the registry alone. */
export function viewOf({ vehicle, connection }: KnownVehicle): VehicleView {
  const { vehicleId, brand, model, market, home, lifeCycle, softwareVersion } = vehicle;
  const [certificate] = certificatesOf(lifeCycle);
  const { connected, since } = connection;
  return {
    ...{ vehicleId, brand, model, market, status: lifeCycle.status },
    ...(home !== undefined && homeViewOf(home)),
    ...(softwareVersion !== undefined && { softwareVersion }),
    connection: { connected, ...(since !== undefined && { since: isoTime(since) }) },
    ...(certificate !== undefined && { certificateExpiresAt: isoTime(certificate.expiresAt) }),
    registeredAt: isoTime(vehicle.registeredAt),
    updatedAt: isoTime(vehicle.updatedAt),
  };
}

export function viewFor(caller: Caller, known: KnownVehicle): VehicleView {
  return { ...viewOf(known), ...(caller.scopes.has('read_vin') && { vin: known.vehicle.vin }) };
}
