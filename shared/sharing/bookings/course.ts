import type { Instant } from '../../kernel/clock.ts';
import { isPossible, type MdsEvent, type MdsPosition, moved } from '../mds.ts';
import type { BookedVehicle, Move, ServiceReason } from './booked-vehicle.ts';

/**
 * The next state of a vehicle to which all this happens, in this order, and nothing that the table does not have.
 *
 * Of a vehicle that is away (silent, or out of the city) MDS knows nothing but that it comes back. A driver may cancel
 * all the same, and somebody may hold a car that stands in a garage: that happens to the state to come back to, and waits
 * to be told until then.
 *
 * @throws Failure `conflict` (`transition-not-possible`)
 */
export function happened(vehicle: BookedVehicle, moves: readonly Move[]): BookedVehicle {
  const { state, former, waiting: untold = [], moves: _, ...rest } = vehicle;
  let position: MdsPosition = former === undefined ? { state } : { state, former };
  let waiting = untold;
  let told: readonly Move[] = [];
  for (const move of moves) {
    if (isAway(position) && !isPossible(position, move.event)) {
      position = beneath(position, move.event);
      waiting = [...waiting, move];
      continue;
    }
    position = moved(position, move.event);
    told = [...told, move];
    if (isAway(position)) continue;
    told = [...told, ...waiting];
    waiting = [];
  }
  const later = waiting.length === 0 ? {} : { waiting };
  return { ...rest, ...position, ...later, moves: told, version: vehicle.version + 1 };
}

/** What ends its last use: what is grounded leaves service with it, so that nobody has it in between. */
export function happenedLast(
  { grounded, ...vehicle }: BookedVehicle,
  moves: readonly Move[],
  at: Instant,
  reason: ServiceReason,
): BookedVehicle {
  if (grounded !== true) return happened(vehicle, moves);
  return { ...happened(vehicle, [...moves, { event: 'service_end', at, reason }]), outOfService: reason };
}

/** The state it is in, or comes back to: what counts for whoever holds, cancels or ends. */
export function groundOf({ state, former = [] }: MdsPosition): MdsPosition['state'] {
  return former[0] ?? state;
}

export function isAway({ former = [] }: MdsPosition): boolean {
  return former.length > 0;
}

function beneath(position: MdsPosition, event: MdsEvent): MdsPosition {
  const leaves = event === 'comms_lost' || event === 'trip_leave_jurisdiction';
  // It is away: it cannot go once more, and what is not possible there is refused as such.
  if (leaves) return moved(position, event);
  const { former: [, ...above] = [] } = position;
  return { state: position.state, former: [moved({ state: groundOf(position) }, event).state, ...above] };
}
