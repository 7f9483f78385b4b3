import * as z from 'zod/mini';
import type { Instant } from '#shared/kernel/clock.ts';
import { type Crew, statusAt, taskKinds, taskStatuses } from '#shared/sharing/field/task.ts';
import { isTaskId, longestTaskId, type TaskId, taskIdPattern } from '#shared/sharing/field/task-id.ts';
import type { ListedTask } from '#shared/sharing/field/task-list.ts';
import { whatToDo } from '#shared/sharing/field/task-order.ts';
import { mdsStates } from '#shared/sharing/mds.ts';
import { line } from '#shared/sharing/setup/text.ts';
import type { Place } from '#shared/sharing/zones/zone.ts';
import { as, instant, isoTime, text, vehicleIdText } from '../schemas.ts';
import { systemIdText } from './sharing-setup-view.ts';

export const tag = 'Sharing';

const taskIdText = text<TaskId>(isTaskId, () => 'is no id of a task', {
  ...{ pattern: taskIdPattern.source, maxLength: longestTaskId },
  description: 'Names what it was raised for',
});
export const taskPath = z.object({ systemId: systemIdText, taskId: taskIdText });

const placeView = z.object({ latitude: z.number(), longitude: z.number() });
const crewText = as(line(60), {
  description: 'What the crew’s app calls the crew: the same in each call, another one for each crew',
});
export const crewOrder = as(z.strictObject({ crew: crewText }), { id: 'FieldCrew' });
export const doneOrder = as(
  z.strictObject({
    crew: crewText,
    charge: z.exactOptional(
      as(z.number().check(z.gte(0), z.lte(100)), {
        description: 'Percent, as read at the vehicle. Counts where it does not speak for itself',
      }),
    ),
  }),
  { id: 'FieldTaskDone' },
);
export const givenUpOrder = as(
  z.strictObject({ crew: crewText, reason: as(line(200), { description: 'Why not; names nobody' }) }),
  { id: 'FieldTaskGivenUp' },
);
export const taskOrder = as(
  z.strictObject({
    vehicleId: vehicleIdText,
    kind: z.enum(taskKinds),
    note: z.exactOptional(as(line(200), { description: 'What is to be done; names nobody' })),
    priority: z.exactOptional(as(z.literal([1, 2, 3]), { description: '1: before all others. Else as usual' })),
  }),
  { id: 'FieldTaskOrder' },
);

export const taskView = as(
  z.object({
    ...{ taskId: taskIdText, systemId: systemIdText, vehicleId: z.string(), kind: z.enum(taskKinds) },
    why: as(z.string(), { description: 'One word for programs: `low-charge`, `outside-zone` …' }),
    what: as(z.string(), { description: 'What to do, for people' }),
    note: z.exactOptional(z.string()),
    priority: as(z.int(), { description: '1 comes before all others' }),
    status: as(z.enum(taskStatuses), { description: '`withdrawn`: what it was for is gone by itself' }),
    raisedAt: instant(),
    label: z.exactOptional(as(z.string(), { description: 'What stands on the vehicle' })),
    vehicleTypeId: z.exactOptional(z.string()),
    state: z.exactOptional(as(z.enum(mdsStates), { description: 'Of the vehicle, by MDS 2.0' })),
    place: z.exactOptional(as(placeView, { description: 'Where the vehicle says it is' })),
    seenAt: z.exactOptional(instant('When it said so')),
    charge: z.exactOptional(as(z.number(), { description: 'Percent' })),
    distance: z.exactOptional(as(z.int(), { description: 'Metres from `near`, as the crow flies' })),
    to: z.exactOptional(as(placeView, { description: 'Where it is to be brought' })),
    takenBy: z.exactOptional(as(z.string(), { description: 'The crew that has it' })),
    takenUntil: z.exactOptional(instant('From then on it is anybody’s again')),
    endedAt: z.exactOptional(instant()),
    reason: z.exactOptional(as(z.string(), { description: 'Why it was not possible, or was withdrawn' })),
  }),
  { id: 'FieldTask' },
);
export type TaskView = z.infer<typeof taskView>;

export function viewOf({ task, listing, distance }: ListedTask, now: Instant): TaskView {
  const { taskId, systemId, vehicleId, kind, why, note, priority, raisedAt, to } = task;
  return {
    ...{ taskId, systemId, vehicleId, kind, why, what: whatToDo(task) },
    ...(note !== undefined && { note }),
    ...{ priority, status: statusAt(task, now), raisedAt: isoTime(raisedAt) },
    ...vehicleOf(listing),
    ...(distance !== undefined && { distance: Math.round(distance) }),
    ...(to !== undefined && { to }),
    ...stateOf(task, now),
  };
}

function vehicleOf(listing: ListedTask['listing']): Partial<TaskView> {
  if (listing === undefined) return {};
  const { booking, status } = listing;
  return {
    ...{ label: booking.label, vehicleTypeId: booking.vehicleTypeId, state: booking.state },
    ...(status?.place !== undefined && { place: status.place, seenAt: isoTime(status.at) }),
    ...(status?.charge !== undefined && { charge: status.charge }),
  };
}

function stateOf({ state }: ListedTask['task'], now: Instant): Partial<TaskView> {
  switch (state.status) {
    case 'open':
      return {};
    case 'taken':
      return state.until <= now ? {} : { takenBy: state.by.name, takenUntil: isoTime(state.until) };
    case 'done':
      return { takenBy: state.by.name, endedAt: isoTime(state.at) };
    case 'not-possible':
      return { takenBy: state.by.name, endedAt: isoTime(state.at), reason: state.reason };
    case 'withdrawn':
      return { endedAt: isoTime(state.at), reason: state.reason };
  }
}

export function crewOf({ clientId }: { readonly clientId: string }, name: string): Crew {
  return { clientId, name };
}

const pair = /^(-?\d{1,2}(?:\.\d{1,12})?),(-?\d{1,3}(?:\.\d{1,12})?)$/;

/** `52.5,13.4`: latitude first. */
export const nearParameter = as(
  z.pipe(
    z.string().check(z.refine((value) => placeIn(value) !== undefined, 'is no place like 52.5004,13.4211')),
    z.transform((value: string): Place => placeIn(value) ?? { latitude: 0, longitude: 0 }),
  ),
  {
    ...{ type: 'string', pattern: pair.source, examples: ['52.5004,13.4211'] },
    description: 'Latitude and longitude in degrees: what is near comes first, among what is as urgent',
  },
);

function placeIn(value: string): Place | undefined {
  const [, latitude, longitude] = pair.exec(value) ?? [];
  const place = { latitude: Number(latitude), longitude: Number(longitude) };
  return Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180 ? place : undefined;
}

const at = '2026-11-22T08:30:00.000Z';
export const taskExample: TaskView = {
  ...z.object({ taskId: taskIdText, systemId: systemIdText }).parse({
    taskId: 'tsk-low-charge-veh-k3vq7n2mzt5ahx6cwp4r-17',
    systemId: 'we-share-berlin',
  }),
  ...{ vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', kind: 'charge', why: 'low-charge', priority: 2, status: 'open' },
  ...{ what: 'Charge it or change its battery; say its charge when done', raisedAt: at, label: 'Scooter 7' },
  ...{ vehicleTypeId: 'scooter', state: 'non_operational', charge: 6, distance: 310, seenAt: at },
  place: { latitude: 52.5004, longitude: 13.4211 },
};
export const takenExample: TaskView = {
  ...{ ...taskExample, status: 'taken', takenBy: 'North', takenUntil: '2026-11-22T10:00:00.000Z' },
};
