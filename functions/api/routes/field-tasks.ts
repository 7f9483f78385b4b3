import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import { priorities, taskKinds, taskStatuses } from '#shared/sharing/field/task.ts';
import { isTaskId, taskIdOf } from '#shared/sharing/field/task-id.ts';
import { byUrgency, type ListedTask, type Urgency, urgencyOf } from '#shared/sharing/field/task-list.ts';
import { badCursor, decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, cursorParameter, limitParameter, pageOf } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import {
  nearParameter,
  tag,
  takenExample,
  taskExample,
  taskOrder,
  taskPath,
  taskView,
  viewOf,
} from './field-task-view.ts';
import { systemPath } from './sharing-setup-view.ts';

const scopes = ['work_in_field'] as const;
const allTasks = '/v1/sharing/systems/{systemId}/tasks';
const oneTask = `${allTasks}/{taskId}`;

const listTasks = route({
  ...{ method: 'GET', path: allTasks, operationId: 'listFieldTasks', tag, scopes },
  summary: 'What there is to do at the vehicles of a city',
  description:
    'What is urgent first, of that what is near, of that what waits longest. Those that are over come with the last one first, and a page of them may be short, even empty, and still have a next one.',
  pathSchema: systemPath,
  querySchema: z.strictObject({
    status: as(z._default(z.enum(taskStatuses), 'open'), {
      description: '`open`: nobody has it, or whoever had it has let its time pass',
    }),
    kind: z.exactOptional(as(z.enum(taskKinds), { description: 'Tasks of this kind alone' })),
    near: z.exactOptional(nearParameter),
    limit: limitParameter(100, 25),
    cursor: cursorParameter,
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page of tasks', schema: pageOf(taskView), example: { items: [taskExample] } } },
  problems: ['bad-cursor', 'system-not-found'],
  async handle({ path: { systemId }, query: { limit, cursor, ...asked }, caller }, { fieldTasks, taskList, clock }) {
    const question = { tasksOf: systemId, ...asked };
    const from = decodeCursor(question, cursor);
    const { status, kind, near } = asked;
    if (status === 'open' || status === 'taken') {
      const more = { ...(kind !== undefined && { kind }), ...(near !== undefined && { near }) };
      const all = await taskList.of(caller, systemId, { status, ...more });
      const rest = from === undefined ? all : all.filter((one) => byUrgency(urgencyOf(one), placeIn(from)) > 0);
      const [items, last] = [rest.slice(0, limit), rest[limit - 1]];
      const isMore = rest.length > limit && last !== undefined;
      const nextCursor = isMore ? { nextCursor: encodeCursor(question, textOf(last)) } : {};
      return { status: 200, body: { items: items.map((one) => viewOf(one, clock.now())), ...nextCursor } };
    }
    const { items, next } = await fieldTasks.over(caller, systemId, { limit, ...(from !== undefined && { from }) });
    const meant = items.filter((task) => task.state.status === status && (kind === undefined || task.kind === kind));
    const listed = await taskList.described(systemId, meant);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(question, next) };
    return { status: 200, body: { items: listed.map((one) => viewOf(one, clock.now())), ...nextCursor } };
  },
});

const raiseTask = route({
  ...{ method: 'POST', path: allTasks, operationId: 'raiseFieldTask', tag, audit: 'field-task.raise' },
  summary: 'Have something done at a vehicle',
  description:
    'Most tasks are raised by what vehicles say: low charge, maintenance, silence, a trip that ended where none may.',
  scopes: ['work_in_field', 'manage_sharing'],
  pathSchema: systemPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: taskOrder,
    mediaTypes: ['application/json'],
    examples: { clean: { vehicleId: taskExample.vehicleId, kind: 'clean', note: 'Sand on the seats' } },
  },
  replies: { 201: { description: 'Raised', schema: taskView, example: taskExample } },
  problems: ['system-not-found', 'shared-vehicle-not-found', 'contended'],
  async permit({ path, caller }, { sharingDoor }) {
    await sharingDoor.system(caller, path.systemId);
  },
  async handle({ path: { systemId }, body, caller, operation }, { sharingDoor, taskDesk, taskList, clock }) {
    const { systemId: its, operatorId } = await sharingDoor.vehicle(caller, body.vehicleId);
    if (its !== systemId) {
      throw new Failure('not-found', 'shared-vehicle-not-found', 'There is no such vehicle in this city.');
    }
    const taskId = taskIdOf('staff', operation.operationId);
    const { task } = await taskDesk.raise({ ...body, taskId, systemId, operatorId, why: 'asked' });
    const [listed = { task }] = await taskList.described(systemId, [task]);
    const headers = { location: `/v1/sharing/systems/${systemId}/tasks/${taskId}` };
    return { status: 201, headers, body: viewOf(listed, clock.now()) };
  },
});

const getTask = route({
  ...{ method: 'GET', path: oneTask, operationId: 'getFieldTask', tag, summary: 'A task', scopes },
  pathSchema: taskPath,
  ...pathAlone,
  replies: { 200: { description: 'The task as it is now', schema: taskView, example: takenExample } },
  problems: ['system-not-found', 'task-not-found'],
  async handle({ path, caller }, services) {
    const task = await services.fieldTasks.require(caller, path.systemId, path.taskId);
    const [listed = { task }] = await services.taskList.described(path.systemId, [task]);
    return { status: 200, body: viewOf(listed, services.clock.now()) };
  },
});

export const fieldTaskRoutes: readonly SharingRoute[] = [...[listTasks, raiseTask, getTask]];

/** Where a page ends. */
function textOf(one: ListedTask): string {
  const { priority, distance, raisedAt, taskId } = urgencyOf(one);
  return [priority, distance, raisedAt, taskId].join(' ');
}

function placeIn(position: string): Urgency {
  const [priority = '', distance, raisedAt, taskId = ''] = position.split(' ');
  const known = priorities.find((one) => String(one) === priority);
  const [far, since] = [Number(distance), Number(raisedAt)];
  if (known === undefined || Number.isNaN(far) || Number.isNaN(since) || !isTaskId(taskId)) throw badCursor();
  return { priority: known, distance: far, raisedAt: since, taskId };
}
