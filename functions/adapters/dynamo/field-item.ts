import * as z from 'zod/mini';
import { isCell } from '#shared/sharing/field/cell.ts';
import type { CountedTrip } from '#shared/sharing/field/figure-book.ts';
import type { Counted, Tally } from '#shared/sharing/field/tally.ts';
import { type Task, taskKinds } from '#shared/sharing/field/task.ts';
import { isTaskId, type TaskId } from '#shared/sharing/field/task-id.ts';
import type { VehicleWatch } from '#shared/sharing/field/watch.ts';
import { operatorIdValue, systemIdValue } from '#shared/sharing/id-values.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import type { TripKey } from '#shared/sharing/trips/trip.ts';

/** The one author of the Field table's keys. Hours are ISO 8601, which sorts. */
export const fieldKeys = {
  task: (taskId: TaskId) => ({ pk: `task#${taskId}`, sk: 'task' }),
  /** While it is open or taken, twice: by city and by vehicle. */
  liveTask: ({ systemId, taskId }: Task) => ({ pk: liveIn(systemId), sk: taskId }),
  taskOfVehicle: ({ vehicleId, taskId }: Task) => ({ pk: tasksOf(vehicleId), sk: taskId }),
  /** By the time at which it was over. */
  overTask: ({ systemId, taskId }: Task, at: number) => ({ pk: overIn(systemId), sk: `${isoHour(at)}#${taskId}` }),
  watch: (systemId: SystemId, vehicleId: string) => ({ pk: fleetOf(systemId), sk: vehicleId }),
  trip: ({ vehicleId, fence }: TripKey) => ({ pk: `trip#${vehicleId}`, sk: String(fence) }),
  counts: (systemId: SystemId, { hour, zoneId = '-' }: Pick<Counted, 'hour' | 'zoneId'>) => ({
    pk: figuresOf(systemId),
    sk: `${isoHour(hour)}#${zoneId}`,
  }),
  unmet: (systemId: SystemId, hour: number, cell: string, wanted: string) => ({
    pk: demandIn(systemId),
    sk: `${isoHour(hour)}#${cell}#${wanted}`,
  }),
};

export function liveIn(systemId: SystemId): string {
  return `live#${systemId}`;
}

export function overIn(systemId: SystemId): string {
  return `over#${systemId}`;
}

export function tasksOf(vehicleId: string): string {
  return `vehicle#${vehicleId}`;
}

export function fleetOf(systemId: SystemId): string {
  return `fleet#${systemId}`;
}

export function figuresOf(systemId: SystemId): string {
  return `figures#${systemId}`;
}

export function demandIn(systemId: SystemId): string {
  return `demand#${systemId}`;
}

export function isoHour(at: number): string {
  return new Date(at).toISOString();
}

const at = z.number();
const taskIdValue = z.custom<TaskId>((value) => typeof value === 'string' && isTaskId(value));
const crew = z.object({ clientId: z.string(), name: z.string() });
const placeValue = z.object({ latitude: z.number(), longitude: z.number() });
const reasonValue = z.enum(['not-yet-in-service', 'low-charge', 'maintenance', 'recovery', 'decommissioned']);

const taskItem: z.ZodMiniType<Task> = z.object({
  ...{ taskId: taskIdValue, systemId: systemIdValue, operatorId: operatorIdValue, vehicleId: z.string() },
  ...{ kind: z.enum(taskKinds), why: z.string(), note: z.exactOptional(z.string()) },
  priority: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  ...{ raisedAt: at, from: at, to: z.exactOptional(placeValue) },
  bringsBack: z.exactOptional(reasonValue),
  endsWithTrip: z.exactOptional(z.literal(true)),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('open') }),
    z.object({ status: z.literal('taken'), by: crew, at, until: at }),
    z.object({ status: z.literal('done'), by: crew, at }),
    z.object({ status: z.literal('not-possible'), by: crew, at, reason: z.string() }),
    z.object({ status: z.literal('withdrawn'), at, reason: z.string() }),
  ]),
  version: z.number(),
});

const watchItem: z.ZodMiniType<VehicleWatch> = z.object({
  ...{ vehicleId: z.string(), systemId: systemIdValue, bookingVersion: z.number(), at },
  use: z.exactOptional(z.enum(['available', 'reserved', 'onTrip', 'outOfService'])),
  ...{ zoneId: z.exactOptional(z.string()), freeSince: z.exactOptional(at) },
  causes: z.record(z.string(), taskIdValue),
  version: z.number(),
});

const number = z.exactOptional(z.number());
const tallyValue: z.ZodMiniType<Tally> = z.object({
  ...{ available: number, reserved: number, onTrip: number, outOfService: number, idle: number, idles: number },
  ...{ trips: number, tripTime: number, metres: number, gross: number, net: number, refunded: number },
});

const tripItem: z.ZodMiniType<CountedTrip> = z.object({
  ...{ vehicleId: z.string(), fence: z.number(), systemId: systemIdValue, startedAt: at, tripVersion: z.number() },
  ...{ hour: at, zoneId: z.exactOptional(z.string()), tally: tallyValue },
});

const countItem = z.object({ sk: z.string() });
const unmetItem = z.object({ sk: z.string(), searches: z.number() });
const wantedValue = z.enum([
  ...(['any', 'car', 'bicycle', 'cargo_bicycle', 'moped', 'scooter_standing', 'scooter_seated', 'other'] as const),
]);

export function taskOf(item: unknown): Task {
  return taskItem.parse(item);
}

export function watchOf(item: unknown): VehicleWatch {
  return watchItem.parse(item);
}

export function countedTripOf(item: unknown): CountedTrip {
  return tripItem.parse(item);
}

export function countedOf(item: unknown): Counted {
  const [hour = '', zoneId] = countItem.parse(item).sk.split('#');
  const zone = zoneId === undefined || zoneId === '-' ? {} : { zoneId };
  return { hour: Date.parse(hour), ...zone, tally: tallyValue.parse(item) };
}

export function unmetOf(item: unknown) {
  const { sk, searches } = unmetItem.parse(item);
  const [hour = '', cell = '', wanted] = sk.split('#');
  if (!isCell(cell)) throw new TypeError(`${cell} is no cell`);
  return { hour: Date.parse(hour), cell, wanted: wantedValue.parse(wanted), searches };
}
