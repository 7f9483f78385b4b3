import type { Instant } from '../../kernel/clock.ts';
import type { BookedVehicle, Move } from '../bookings/booked-vehicle.ts';
import { type MdsEvent, type MdsState, sourceOf, targetOf } from '../mds.ts';
import type { OperatorId, SystemId } from '../sharing-id.ts';
import type { Place } from '../zones/zone.ts';

/** A move as a city is told of it. MDS 2.0, "Events". */
export interface ToldEvent {
  readonly vehicleId: string;
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly vehicleTypeId: string;
  readonly event: MdsEvent;
  /** Why, as the operator knows it: no member of MDS. */
  readonly reason?: string;
  /** In which it is afterwards. */
  readonly state: MdsState;
  /** MDS: `timestamp`. Of one vehicle each is later than the one before, whatever clocks say. */
  readonly at: Instant;
  /** When it became known; hours later where the vehicle was out of contact. */
  readonly publishedAt: Instant;
  /** Of the booking, and the move's place in it: moves of a vehicle sort by them. */
  readonly version: number;
  readonly place: number;
  /** Of the use that it belongs to. */
  readonly fence?: number;
  /** Absent: nobody has ever known. */
  readonly where?: Place;
  /** Percent. */
  readonly charge?: number;
  /** Of a `trip_end`: how the trip began. */
  readonly began?: TripBegin;
}

export interface TripBegin {
  readonly at: Instant;
  readonly where?: Place;
}

/** What is known of a vehicle in a city by its moves so far. */
export interface Device {
  /** The last one. */
  readonly last: ToldEvent;
  /** When the one before it happened. */
  readonly before?: Instant;
  /** While somebody has it. */
  readonly use?: { readonly fence: number; readonly began?: TripBegin };
  /** Where it was last known to be. */
  readonly where?: Place;
  /** Where it was known to be first: what came before happened there. */
  readonly firstWhere?: Place;
}

export interface Told {
  /** In their order. The first may be one that was told before, and has another time now. */
  readonly events: readonly ToldEvent[];
  readonly device: Device;
}

/** What is known of the vehicle beside its moves, when they are told. */
export interface Sight {
  readonly where?: Place;
  readonly charge?: number;
  readonly now: Instant;
}

/** Events that belong to somebody's use of a vehicle. MDS 2.0, car-share, "Trip ID Requirements", and what happens in one. */
const ofUse: ReadonlySet<MdsEvent> = new Set<MdsEvent>([
  ...(['reservation_start', 'reservation_stop', 'trip_start', 'trip_stop', 'trip_resume', 'trip_end'] as const),
  ...(['customer_cancellation', 'driver_cancellation', 'provider_cancellation'] as const),
  ...(['charging_start', 'charging_end', 'fueling_start', 'fueling_end', 'remote_start', 'remote_end'] as const),
]);
const endsUse: ReadonlySet<MdsEvent> = new Set<MdsEvent>([
  ...(['trip_end', 'customer_cancellation', 'driver_cancellation', 'provider_cancellation'] as const),
]);
const leadsBack: ReadonlySet<MdsEvent> = new Set<MdsEvent>(['comms_restored', 'trip_enter_jurisdiction']);

/**
 * What a write of a booking made happen, as a city is told of it, and what is known of the vehicle afterwards. The same
 * again for the same device: whoever died before it was kept begins again.
 *
 * @param device undefined: nothing has ever been told of it in this city
 */
export function toldBy(device: Device | undefined, after: BookedVehicle, sight: Sight): Told | undefined {
  const { moves, version, vehicleId, systemId, operatorId, vehicleTypeId } = after;
  const states = statesAfter(after);
  const fences = fencesOf(after);
  const revised = heardEarlier(device, moves[0], sight.now);
  const events: ToldEvent[] = revised === undefined ? [] : [revised];
  let known = device && { ...device, last: revised ?? device.last };
  for (const [place, move] of moves.entries()) {
    const fence = fences[place];
    const where = move.where ?? sight.where ?? known?.where;
    const began = move.event === 'trip_end' && known?.use?.fence === fence ? known?.use?.began : undefined;
    const event: ToldEvent = {
      ...{ vehicleId, systemId, operatorId, vehicleTypeId, version, place, event: move.event },
      ...(move.reason !== undefined && { reason: move.reason }),
      ...{ state: states[place] ?? after.state, publishedAt: sight.now },
      at: timeOf(happenedAt(moves, place), known?.last.at, sight.now),
      ...(fence !== undefined && { fence }),
      ...(where !== undefined && { where }),
      ...(sight.charge !== undefined && { charge: Math.round(sight.charge) }),
      ...(began !== undefined && { began }),
    };
    events.push(event);
    known = deviceAfter(known, event);
  }
  return known === undefined ? undefined : { events, device: known };
}

function deviceAfter(device: Device | undefined, last: ToldEvent): Device {
  const where = last.where ?? device?.where;
  const firstWhere = device?.firstWhere ?? last.where;
  const use = useAfter(device?.use, last);
  return {
    last,
    ...(device !== undefined && { before: device.last.at }),
    ...(use !== undefined && { use }),
    ...(where !== undefined && { where }),
    ...(firstWhere !== undefined && { firstWhere }),
  };
}

function useAfter(use: Device['use'], { event, fence, at, where }: ToldEvent): Device['use'] {
  if (endsUse.has(event)) return undefined;
  if (fence === undefined) return use;
  const same = use?.fence === fence ? use : { fence };
  if (event !== 'trip_start') return same;
  return { ...same, began: { at, ...(where !== undefined && { where }) } };
}

/**
 * MDS 2.0, "Event Times": the order of the timestamps is the order in which things happened. A vehicle's clock may be a
 * little behind or ahead of ours, and several things happen at once.
 */
function timeOf(at: Instant, before: Instant | undefined, now: Instant): Instant {
  return Math.max(Math.min(at, now), (before ?? 0) + 1);
}

/**
 * What a silent vehicle did, or what was done with it, is told after it is heard again, which is the only way that the
 * table has: so it counts as heard again from the first of these things on, of which nothing is unknown any more.
 */
function happenedAt(moves: readonly Move[], place: number): Instant {
  const [move, following] = moves.slice(place);
  if (move === undefined) return 0;
  return following !== undefined && leadsBack.has(move.event) ? Math.min(move.at, following.at) : move.at;
}

/** It was told to be heard again before it told what it had done. */
function heardEarlier(device: Device | undefined, first: Move | undefined, now: Instant): ToldEvent | undefined {
  if (device === undefined || first === undefined || !leadsBack.has(device.last.event)) return undefined;
  if (first.at >= device.last.at) return undefined;
  return { ...device.last, at: timeOf(first.at, device.before, now), publishedAt: now };
}

/**
 * Each event leads to one state, but those that lead back: what waited to be told begins where the vehicle had been when
 * it fell silent.
 */
function statesAfter({ moves, state }: BookedVehicle): readonly MdsState[] {
  return moves.map(({ event }, place) => {
    const following = moves[place + 1];
    if (following === undefined) return state;
    return targetOf(event) ?? stateBefore(following.event) ?? state;
  });
}

/** Nobody cancels what was started: a use that was ends (`cancelled`, `forcedEnd`). */
function stateBefore(event: MdsEvent): MdsState | undefined {
  return endsUse.has(event) && event !== 'trip_end' ? 'reserved' : sourceOf(event);
}

/** The last ones are of the present holder, or the last; each hold before them began with one less. */
function fencesOf({ moves, fence }: BookedVehicle): readonly (number | undefined)[] {
  let present = fence;
  const backwards = moves.toReversed().map(({ event }) => {
    const its = ofUse.has(event) ? present : undefined;
    if (event === 'reservation_start') present -= 1;
    return its;
  });
  return backwards.toReversed();
}
