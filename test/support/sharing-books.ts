import type { ApiClient } from '#local/tour/api-client.ts';
import { at } from '#local/tour/telling.ts';
import { listOf } from './cell-books.ts';
import { acknowledged, idIn, type Told } from './patient-caller.ts';

/**
 * Each hold that was acknowledged is one trip of its vehicle, under a fence of its own, and no other trip is there; what
 * was given back is cancelled, and of what has a price just that was taken.
 *
 * @returns what is wrong, in words
 */
export async function shared(told: readonly Told[], operator: ApiClient): Promise<string[]> {
  const holds = told.filter(
    ({ method, path }) => method === 'POST' && /^\/v1\/me\/sharing\/[^/]+\/reservations$/.test(path),
  );
  const vehicles = new Map<string, Set<string>>();
  for (const hold of holds.filter(acknowledged)) {
    const vehicleId = String(at(hold.body, 'vehicleId'));
    vehicles.set(vehicleId, (vehicles.get(vehicleId) ?? new Set()).add(String(idIn(hold, 'reservationId'))));
  }
  const cancels = told.filter(({ method, path }) => method === 'POST' && /\/reservations\/[^/]+\/cancel$/.test(path));
  const given = new Set(cancels.filter(acknowledged).map((call) => String(idIn(call, 'reservationId'))));
  const found: string[] = [];
  for (const [vehicleId, acknowledgedHere] of vehicles) {
    const trips = await listOf(`/v1/sharing/vehicles/${vehicleId}/trips?limit=100`, operator);
    const ids = trips.map((trip) => String(at(trip, 'reservationId')));
    const fences = new Set(trips.map((trip) => at(trip, 'fence')));
    if (fences.size !== ids.length || new Set(ids).size !== ids.length)
      found.push(`${vehicleId} has trips twice: ${ids}`);
    for (const id of acknowledgedHere) if (!ids.includes(id)) found.push(`${id} was acknowledged, and is no trip`);
    for (const id of ids) if (!acknowledgedHere.has(id)) found.push(`${id} is a trip that nobody was told of`);
    found.push(...trips.flatMap((trip) => wrongEnd(trip, given)));
  }
  return found;
}

function wrongEnd(trip: unknown, given: ReadonlySet<string>): string[] {
  const [id, status, total] = [String(at(trip, 'reservationId')), at(trip, 'status'), at(trip, 'total') ?? 0];
  const taken = at(trip, 'payment', 'taken');
  if (given.has(id) && status !== 'cancelled') return [`${id} was given back, and is ${status}`];
  return taken === total ? [] : [`${id} costs ${total}, and ${taken} were taken`];
}
