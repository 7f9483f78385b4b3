import type { Task } from '#shared/sharing/field/task.ts';
import { noHeaders, noQuery } from '../route.ts';
import type { SharingServices } from '../services.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import {
  crewOf,
  crewOrder,
  doneOrder,
  givenUpOrder,
  tag,
  takenExample,
  taskPath,
  taskView,
  viewOf,
} from './field-task-view.ts';

const oneTask = '/v1/sharing/systems/{systemId}/tasks/{taskId}';
const always = ['system-not-found', 'task-not-found', 'contended'] as const;
const byCrew = {
  scopes: ['work_in_field'],
  pathSchema: taskPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  replies: { 200: { description: 'The task as it is now', schema: taskView, example: takenExample } },
} as const;
const named = { north: { crew: 'North' } };

const takeTask = route({
  ...{
    method: 'POST',
    path: `${oneTask}/take`,
    operationId: 'takeFieldTask',
    tag,
    audit: 'field-task.take',
    ...byCrew,
  },
  summary: 'Take a task',
  description: 'It is this crew’s for an hour and a half. Taken again by the same crew, for so long from then on.',
  body: { schema: crewOrder, mediaTypes: ['application/json'], examples: named },
  problems: [...always, 'task-taken', 'task-over'],
  async permit({ path, caller }, { fieldTasks }) {
    await fieldTasks.require(caller, path.systemId, path.taskId);
  },
  async handle({ path: { systemId, taskId }, body: { crew }, caller }, services) {
    const task = await services.fieldTasks.take(caller, systemId, taskId, crewOf(caller, crew));
    return replied(task, services);
  },
});

const releaseTask = route({
  ...{ method: 'POST', path: `${oneTask}/release`, operationId: 'releaseFieldTask', tag, ...byCrew },
  audit: 'field-task.release',
  summary: 'Leave a task to others',
  body: { schema: crewOrder, mediaTypes: ['application/json'], examples: named },
  problems: [...always, 'task-taken', 'task-not-taken', 'task-over'],
  async permit({ path, caller }, { fieldTasks }) {
    await fieldTasks.require(caller, path.systemId, path.taskId);
  },
  async handle({ path: { systemId, taskId }, body: { crew }, caller }, services) {
    const task = await services.fieldTasks.release(caller, systemId, taskId, crewOf(caller, crew));
    return replied(task, services);
  },
});

const finishTask = route({
  ...{
    method: 'POST',
    path: `${oneTask}/done`,
    operationId: 'finishFieldTask',
    tag,
    audit: 'field-task.done',
    ...byCrew,
  },
  summary: 'Say that a task is done',
  description:
    'A vehicle that was out of service for it comes back, unless somebody has it, an update is being installed, or another task waits. One that is charged comes back once it is known to be: say its charge where it does not speak for itself.',
  body: { schema: doneOrder, mediaTypes: ['application/json'], examples: { charged: { crew: 'North', charge: 97 } } },
  problems: [...always, 'task-taken', 'task-not-taken', 'task-over'],
  async permit({ path, caller }, { fieldTasks }) {
    await fieldTasks.require(caller, path.systemId, path.taskId);
  },
  async handle({ path: { systemId, taskId }, body: { crew, charge }, caller }, services) {
    const task = await services.fieldTasks.done(caller, systemId, taskId, crewOf(caller, crew), charge);
    return replied(task, services);
  },
});

const giveTaskUp = route({
  ...{ method: 'POST', path: `${oneTask}/not-possible`, operationId: 'giveFieldTaskUp', tag, ...byCrew },
  audit: 'field-task.not-possible',
  summary: 'Say that a task cannot be done',
  body: {
    schema: givenUpOrder,
    mediaTypes: ['application/json'],
    examples: { gate: { crew: 'North', reason: 'Behind a locked gate' } },
  },
  problems: [...always, 'task-taken', 'task-not-taken', 'task-over'],
  async permit({ path, caller }, { fieldTasks }) {
    await fieldTasks.require(caller, path.systemId, path.taskId);
  },
  async handle({ path: { systemId, taskId }, body: { crew, reason }, caller }, services) {
    const task = await services.fieldTasks.notPossible(caller, systemId, taskId, crewOf(caller, crew), reason);
    return replied(task, services);
  },
});

export const fieldTaskStepRoutes: readonly SharingRoute[] = [takeTask, releaseTask, finishTask, giveTaskUp];

async function replied(task: Task, { taskList, clock }: Pick<SharingServices, 'taskList' | 'clock'>) {
  const [listed = { task }] = await taskList.described(task.systemId, [task]);
  return { status: 200, body: viewOf(listed, clock.now()) };
}
