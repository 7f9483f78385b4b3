import * as z from 'zod/mini';
import type { BookedVehicle, Move } from '#shared/sharing/bookings/booked-vehicle.ts';
import { groundOf, isAway } from '#shared/sharing/bookings/course.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { operatorIdValue, payableValue, reservationIdValue, systemIdValue } from '#shared/sharing/id-values.ts';
import { type MdsEvent, type MdsState, mdsEvents, mdsStates } from '#shared/sharing/mds.ts';
import type { OperatorId } from '#shared/sharing/sharing-id.ts';
import type { Place } from '#shared/sharing/zones/zone.ts';

const kind = 'booking';
const vehiclePrefix = 'vehicle#';
const personPrefix = 'person#';

/** The one author of the Bookings table's keys. */
export const bookingKeys = {
  vehicle: (vehicleId: string) => ({ pk: `${vehiclePrefix}${vehicleId}`, sk: kind }),
  driver: (operatorId: OperatorId, personId: string) => ({ pk: `${personPrefix}${operatorId}#${personId}`, sk: kind }),
  /** Whose item a stream record is of. */
  isVehicle: (pk: string) => pk.startsWith(vehiclePrefix),
};

const assignment = z.object({
  reservationId: reservationIdValue,
  personId: z.string(),
  heldAt: z.number(),
  expiresAt: z.number(),
  extensions: z.number(),
  extendedBy: z.exactOptional(z.array(z.string())),
  planId: z.string(),
  planVersion: z.number(),
  packageId: z.exactOptional(z.string()),
  billTo: z.exactOptional(z.string()),
  keyUntil: z.exactOptional(z.number()),
  startedAt: z.exactOptional(z.number()),
});

/**
 * `state` is the one that the vehicle is in, or comes back to; `away` says that it is away, and how. So one blind write
 * makes a vehicle reserved, wherever it is.
 */
const vehicleItem = z.object({
  pk: z.string(),
  systemId: systemIdValue,
  operatorId: operatorIdValue,
  vehicleTypeId: z.string(),
  partner: z.exactOptional(z.string()),
  state: z.enum(mdsStates),
  away: z.exactOptional(z.enum(['elsewhere', 'non_contactable', 'elsewhere non_contactable'])),
  outOfService: z.exactOptional(
    z.enum(['not-yet-in-service', 'low-charge', 'maintenance', 'recovery', 'decommissioned']),
  ),
  fence: z.number(),
  admits: z.number(),
  revision: z.number(),
  version: z.number(),
  assignment: z.exactOptional(assignment),
  barredUntil: z.exactOptional(z.number()),
  barredSince: z.exactOptional(z.number()),
  silentSince: z.exactOptional(z.number()),
  quietPlace: z.exactOptional(z.literal(true)),
  chargeLow: z.exactOptional(z.literal(true)),
  grounded: z.exactOptional(z.literal(true)),
  log: z.exactOptional(z.object({ boot: z.number(), sequence: z.number() })),
  installing: z.exactOptional(z.object({ campaignId: z.string(), until: z.number() })),
  waiting: z.exactOptional(z.array(z.string())),
  moves: z.array(z.string()),
  /** Somebody had it when all of it was written last. */
  hadHolder: z.exactOptional(z.literal(true)),
  /** When it was held since then, each time by a blind write that took it from whose hold had expired. */
  holds: z.exactOptional(z.array(z.number())),
});

const driverItem = z.object({
  pk: z.string(),
  standing: z.enum(['unverified', 'verified', 'blocked', 'left']),
  bornOn: z.exactOptional(z.string()),
  licence: z.exactOptional(z.object({ classes: z.array(z.string()), validUntil: z.string() })),
  recheckDueAt: z.exactOptional(z.number()),
  paymentMethod: z.exactOptional(z.string()),
  debt: z.number(),
  debtCurrency: z.exactOptional(z.string()),
  debts: z.exactOptional(
    z.array(z.object({ reservationId: payableValue, amount: z.number(), currency: z.string(), since: z.number() })),
  ),
  active: z.exactOptional(
    z.object({
      reservationId: reservationIdValue,
      vehicleId: z.string(),
      until: z.number(),
      keyed: z.exactOptional(z.literal(true)),
    }),
  ),
  requests: z.record(z.string(), z.string()),
  version: z.number(),
});

export function vehicleOf(item: unknown): BookedVehicle {
  const { pk, state, away, waiting = [], moves, hadHolder, holds, ...rest } = vehicleItem.parse(item);
  const vehicle = { vehicleId: pk.slice(vehiclePrefix.length), ...rest };
  const position = away === undefined ? { state } : positionOf(state, away.split(' '));
  const untold = waiting.map(moveOf);
  if (holds === undefined) return { ...vehicle, ...position, ...waitingOf(untold), moves: moves.map(moveOf) };
  const since = holds.map((at, place) => movesOfHold(at, place > 0 || hadHolder === true));
  // Of a silent vehicle nothing is told but that it is heard again.
  if (isAway(position)) return { ...vehicle, ...position, waiting: [...untold, ...since.flat()], moves: [] };
  return { ...vehicle, ...position, moves: since.at(-1) ?? [] };
}

function movesOfHold(at: number, hasLapsed: boolean): readonly Move[] {
  const lapse: readonly Move[] = hasLapsed ? [{ event: 'provider_cancellation', at, reason: 'hold_expired' }] : [];
  return [...lapse, { event: 'reservation_start', at }];
}

export function vehicleItemOf(vehicle: BookedVehicle) {
  const { vehicleId, state, former = [], waiting, moves, ...rest } = vehicle;
  return {
    ...bookingKeys.vehicle(vehicleId),
    ...rest,
    state: groundOf(vehicle),
    ...(former.length > 0 && { away: [...former.slice(1), state].join(' ') }),
    ...(waiting !== undefined && { waiting: waiting.map(textOf) }),
    ...(vehicle.assignment !== undefined && { hadHolder: true }),
    moves: moves.map(textOf),
  };
}

export function driverOf(item: unknown): Driver {
  const { pk, requests, ...rest } = driverItem.parse(item);
  const [operatorId = '', personId = ''] = pk.slice(personPrefix.length).split('#');
  const newestFirst = Object.entries(requests).map(([key, text]) => requestOf(key, text));
  newestFirst.sort((one, other) => (one.reservationId < other.reservationId ? 1 : -1));
  return { operatorId: operatorIdValue.parse(operatorId), personId, ...rest, requests: newestFirst };
}

export function driverItemOf({ operatorId, personId, requests, ...rest }: Driver) {
  const byKey = Object.fromEntries(requests.map((request) => [request.key, requestText(request)]));
  return { ...bookingKeys.driver(operatorId, personId), ...rest, requests: byKey };
}

/** A map by key, so that a write that reads nothing can add one and know of another. */
export function requestText({ fingerprint, reservationId }: Driver['requests'][number]): string {
  return `${fingerprint} ${reservationId}`;
}

function requestOf(key: string, text: string): Driver['requests'][number] {
  const [fingerprint = '', reservationId = ''] = text.split(' ');
  return { key, fingerprint, reservationId: reservationIdValue.parse(reservationId) };
}

/** One line each: as lists of maps they would take the place of half the item. */
function textOf({ event, at, reason, where }: Move): string {
  return [
    event,
    at,
    ...(where === undefined ? [] : [whereText(where)]),
    ...(reason === undefined ? [] : [reason]),
  ].join(' ');
}

function moveOf(text: string): Move {
  const [event = '', at = '', ...more] = text.split(' ');
  if (!isEvent(event)) throw new TypeError(`${event} is no event of MDS`);
  const where = whereOf(more[0]);
  const reason = where === undefined ? more : more.slice(1);
  const why = reason.length === 0 ? {} : { reason: reason.join(' ') };
  return { event, at: Number(at), ...why, ...(where !== undefined && { where }) };
}

/** To the metre, and short. */
function whereText({ latitude, longitude }: Place): string {
  return `@${Number(latitude.toFixed(6))},${Number(longitude.toFixed(6))}`;
}

/** No reason begins like this. */
function whereOf(text = ''): Place | undefined {
  const [, latitude, longitude] = /^@(-?[\d.]+),(-?[\d.]+)$/.exec(text) ?? [];
  return latitude === undefined || longitude === undefined
    ? undefined
    : { latitude: Number(latitude), longitude: Number(longitude) };
}

function isEvent(text: string): text is MdsEvent {
  return mdsEvents.some((event) => event === text);
}

function isState(text: string): text is MdsState {
  return mdsStates.some((state) => state === text);
}

function positionOf(ground: MdsState, away: readonly string[]): { state: MdsState; former: readonly MdsState[] } {
  const beyond = away.filter(isState);
  const state = beyond.at(-1) ?? ground;
  return { state, former: [ground, ...beyond.slice(0, -1)] };
}

function waitingOf(waiting: readonly Move[]) {
  return waiting.length === 0 ? {} : { waiting };
}
