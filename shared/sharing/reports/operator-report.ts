import * as z from 'zod/mini';
import type { TripEvent, TripEventKind, VehicleStatus } from '../../vehicle-cloud/sharing-envelopes.ts';
import { reservationIdValue } from '../id-values.ts';
import { moment } from '../setup/text.ts';
import { reservationIdPattern } from '../sharing-id.ts';

const kinds = [
  ...(['started', 'paused', 'resumed', 'ended', 'charging-started', 'charging-ended', 'ended-by-operator'] as const),
] satisfies readonly TripEventKind[];

const place = z.strictObject({
  latitude: z.number().check(z.gte(-90), z.lte(90)),
  longitude: z.number().check(z.gte(-180), z.lte(180)),
});
const percent = z.number().check(z.gte(0), z.lte(100));
const metres = z.number().check(z.gte(0), z.lte(2_000_000_000));
const counter = z.int().check(z.gte(1), z.lte(1_000_000_000));
/** The description of the API says what it looks like. */
const reservationId = z.pipe(z.string().check(z.regex(reservationIdPattern)), reservationIdValue);

const status = z.strictObject({
  at: moment,
  place: z.exactOptional(place),
  charge: z.exactOptional(percent),
  rangeMeters: z.exactOptional(metres),
  charging: z.exactOptional(z.boolean()),
});

const event = z.strictObject({
  sequence: counter,
  at: moment,
  kind: z.enum(kinds),
  reservationId,
  fence: counter,
  place: z.exactOptional(place),
  odometer: metres,
  charge: z.exactOptional(percent),
});

/** What an operator's client says of a vehicle that does not speak for itself. */
export const operatorReport = z.strictObject({
  status: z.exactOptional(status),
  events: z.exactOptional(z.array(event).check(z.minLength(1), z.maxLength(40))),
});
export type OperatorReport = z.infer<typeof operatorReport>;
type ReportedEvent = z.infer<typeof event>;

/** A client has no control unit that starts anew: all its events are of one boot. */
const boot = 1;

/** The newest counts, by the time it is of. */
export function statusOf({ at, ...rest }: z.infer<typeof status>): VehicleStatus {
  return { boot, sequence: at, at, ...rest };
}

/** A line of a log that an operator answers for: each follows the one that is numbered before it. */
export function lineOf(vehicleId: string, { charge = 100, ...reported }: ReportedEvent): TripEvent {
  const { sequence } = reported;
  return {
    ...reported,
    ...{ vehicleId, boot, charge },
    ...(sequence > 1 && { after: { boot, sequence: sequence - 1 } }),
  };
}
