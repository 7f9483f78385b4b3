import type { ApiClient } from '#local/tour/api-client.ts';
import { at } from '#local/tour/telling.ts';
import { listOf } from './cell-books.ts';
import { acknowledged, idIn, type Told } from './patient-caller.ts';

/** A hold that somebody was told of is over by the end of a story. */
const over = new Set(['settled', 'cancelled', 'expired']);

/**
 * Each hold that was acknowledged is one trip of its vehicle, and no other trip is there; each came to its end, under a
 * fence of its own, and what it costs was taken once.
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
  const found: string[] = [];
  for (const [vehicleId, acknowledgedHere] of vehicles) {
    const trips = await listOf(`/v1/sharing/vehicles/${vehicleId}/trips?limit=100`, operator);
    const ids = trips.map((trip) => String(at(trip, 'reservationId')));
    const fences = new Set(trips.map((trip) => at(trip, 'fence')));
    if (fences.size !== ids.length || new Set(ids).size !== ids.length)
      found.push(`${vehicleId} has trips twice: ${ids}`);
    for (const id of acknowledgedHere) if (!ids.includes(id)) found.push(`${id} was acknowledged, and is no trip`);
    for (const id of ids) if (!acknowledgedHere.has(id)) found.push(`${id} is a trip that nobody was told of`);
    found.push(...trips.flatMap(unpaid));
  }
  return found;
}

function unpaid(trip: unknown): string[] {
  const [id, status, total] = [at(trip, 'reservationId'), String(at(trip, 'status')), at(trip, 'total') ?? 0];
  const taken = at(trip, 'payment', 'taken');
  if (!over.has(status)) return [`${id} is ${status}`];
  return taken === total ? [] : [`${id} costs ${total}, and ${taken} were taken`];
}
