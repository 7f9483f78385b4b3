import * as z from 'zod/mini';
import type { Instant } from '#shared/kernel/clock.ts';
import type { BookedVehicle, ServiceReason } from '#shared/sharing/bookings/booked-vehicle.ts';
import { groundOf } from '#shared/sharing/bookings/course.ts';
import { isOver, isVoid } from '#shared/sharing/bookings/hold.ts';
import { mayRunOnBoard } from '#shared/sharing/bookings/reservation.ts';
import { mdsStates } from '#shared/sharing/mds.ts';
import { awayReasons, fleetChanges, fleetOrder } from '#shared/sharing/setup/fleet-order.ts';
import type { SharedVehicle } from '#shared/sharing/setup/shared-fleet-service.ts';
import type { FleetVehicle } from '#shared/sharing/setup/system.ts';
import { as, instant, isoTime, vehicleIdText } from '../schemas.ts';
import { operatorIdText, systemIdText } from './sharing-setup-view.ts';

const serviceReasons: readonly ServiceReason[] = [
  ...(['not-yet-in-service', 'low-charge', 'maintenance', 'recovery', 'decommissioned'] as const),
];

export const vehicleOrder = as(z.strictObject({ ...fleetOrder.shape, vehicleId: z.exactOptional(vehicleIdText) }), {
  id: 'SharedVehicleOrder',
  description:
    'With `vehicleId` a vehicle of the registry, which speaks for itself. Without it one that has no VIN, such as a bike: its operator’s client reports what it does',
});
export const vehicleChanges = as(fleetChanges, {
  id: 'SharedVehicleChanges',
  description: '`null` takes away: the plan of its own, or the key of its log, so that it may bring another one',
});
export const awayOrder = as(z.strictObject({ reason: z.enum(awayReasons) }), {
  id: 'SharedVehicleAway',
  description: '`taken-away` and `decommissioned` lead to the MDS state `removed`, the others to `non_operational`',
});

const fleetShape = {
  ...{ vehicleId: z.string(), systemId: systemIdText, operatorId: operatorIdText },
  ...{ vehicleTypeId: z.string(), label: z.string(), planId: z.exactOptional(z.string()) },
  speaks: z.enum(['device', 'operator', 'partner']),
};
export const fleetLine = as(z.object(fleetShape), { id: 'SharedVehicleLine' });

export const vehicleView = as(
  z.object({
    ...fleetShape,
    hasLogKey: as(z.boolean(), { description: 'It has said which key it signs its log with' }),
    state: as(z.enum(mdsStates), { description: 'State of MDS 2.0' }),
    cameFrom: z.exactOptional(
      as(z.enum(mdsStates), { description: 'Of a vehicle that is out of contact, or elsewhere: where it was before' }),
    ),
    outOfService: z.exactOptional(z.enum(serviceReasons)),
    silentSince: z.exactOptional(instant('Its line is gone since then')),
    log: z.exactOptional(
      as(z.object({ boot: z.int(), sequence: z.int() }), { description: 'How far its log is known without a gap' }),
    ),
    barred: z.exactOptional(
      as(
        z.object({
          since: z.exactOptional(instant('Nobody has it since then')),
          by: z.enum(['key', 'trip']),
          until: z.exactOptional(instant('The key is good until then')),
        }),
        {
          description:
            'Nobody gets it, and it is out of nobody’s hands yet: a former holder’s `key` opens it until it has said that it does not, or that has expired; or their `trip` may run on board until it has said that it is over',
        },
      ),
    ),
    use: z.exactOptional(
      z.object({
        reservationId: z.string(),
        fence: as(z.int(), { description: 'Rises with each holder; the lines of a log name it' }),
        heldAt: instant(),
        expiresAt: instant('Of the hold; it counts no more once it has started'),
        keyUntil: z.exactOptional(instant('A key was issued for it, good until then')),
        startedAt: z.exactOptional(instant()),
      }),
    ),
  }),
  { id: 'SharedVehicle' },
);
export type VehicleView = z.infer<typeof vehicleView>;

export const fleetExample: VehicleView = {
  ...{ vehicleId: 'veh-aaaabbbbccccddddeeee', vehicleTypeId: 'e-golf', label: 'B-WS 101E', speaks: 'device' },
  ...fleetIds(),
  ...{ hasLogKey: true, state: 'available' },
};

export function lineOf({ logKey: _, version: __, ...line }: FleetVehicle): z.infer<typeof fleetLine> {
  return line;
}

export function viewOf({ vehicle, booking }: SharedVehicle, now: Instant): VehicleView {
  const { logKey } = vehicle;
  const base = { ...lineOf(vehicle), hasLogKey: logKey !== undefined };
  if (booking === undefined) return { ...base, state: 'non_operational', outOfService: 'not-yet-in-service' };
  const { state, former = [], outOfService, silentSince, assignment, fence, log } = booking;
  return {
    ...{ ...base, state },
    ...(former.length > 0 && { cameFrom: groundOf(booking) }),
    ...(outOfService !== undefined && { outOfService }),
    ...(silentSince !== undefined && { silentSince: isoTime(silentSince) }),
    ...(log !== undefined && { log }),
    ...barOf(booking, now),
    ...(assignment !== undefined && {
      use: {
        ...{ reservationId: assignment.reservationId, fence },
        ...{ heldAt: isoTime(assignment.heldAt), expiresAt: isoTime(assignment.expiresAt) },
        ...(assignment.keyUntil !== undefined && { keyUntil: isoTime(assignment.keyUntil) }),
        ...(assignment.startedAt !== undefined && { startedAt: isoTime(assignment.startedAt) }),
      },
    }),
  };
}

function barOf(booking: BookedVehicle, now: Instant): Pick<VehicleView, 'barred'> {
  const { assignment, barredUntil, barredSince } = booking;
  if (assignment !== undefined || barredUntil === undefined || isVoid(booking) || isOver(barredUntil, now)) return {};
  const since = barredSince === undefined ? {} : { since: isoTime(barredSince) };
  if (mayRunOnBoard(booking)) return { barred: { ...since, by: 'trip' } };
  return { barred: { ...since, by: 'key', until: isoTime(barredUntil) } };
}

function fleetIds(): Pick<VehicleView, 'systemId' | 'operatorId'> {
  return z
    .object({ systemId: systemIdText, operatorId: operatorIdText })
    .parse({ systemId: 'we-share-berlin', operatorId: 'we-share' });
}
