import * as z from 'zod/mini';
import { type CellId, cellPattern, isCell } from '#shared/sharing/field/cell.ts';
import type { Suggested } from '#shared/sharing/field/relocation-service.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery } from '../route.ts';
import { as, cursorParameter, integerParameter, limitParameter, pageOf, text, vehicleIdText } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { tag, taskExample, taskView, viewOf } from './field-task-view.ts';
import { systemPath } from './sharing-setup-view.ts';

const path = '/v1/sharing/systems/{systemId}/relocations';
const minute = 60_000;

const cellText = text<CellId>(isCell, () => 'is no cell', {
  ...{ pattern: cellPattern.source, description: 'A square of half a kilometre' },
});
const spot = z.object({
  cell: cellText,
  place: z.object({ latitude: z.number(), longitude: z.number() }),
});

const relocationView = as(
  z.object({
    ...{ vehicleId: z.string(), label: z.string(), vehicleTypeId: z.string() },
    ...{
      from: spot,
      to: as(spot, { description: 'The middle of the cell: wherever in it one may leave the vehicle' }),
    },
    distance: as(z.int(), { description: 'Metres as the crow flies' }),
    idleMinutes: as(z.int(), { description: 'For which nobody has wanted it' }),
    expected: as(z.number(), { description: 'Searches that are likely to find nothing there in the next three hours' }),
  }),
  { id: 'Relocation' },
);

const examples = {
  vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r',
  from: { cell: 'r31666c26149', place: { latitude: 52.4965, longitude: 13.405 } },
  to: { cell: 'r31671c26152', place: { latitude: 52.51925, longitude: 13.4132 } },
};

const suggest = route({
  ...{ method: 'GET', path, operationId: 'suggestRelocations', tag, scopes: ['work_in_field'] },
  summary: 'Which vehicles to bring to where people look for one and find none',
  description:
    'What is wanted most first, by the same hours of the last four weeks and by the last two hours. Each vehicle once, only such as anybody could hold and nobody misses where they stand, over five kilometres at the most.',
  pathSchema: systemPath,
  querySchema: z.strictObject({
    idleMinutes: as(z._default(integerParameter(0, 10_080), 120), {
      description: 'Only vehicles that nobody has wanted for so long',
    }),
    limit: limitParameter(100, 25),
    cursor: cursorParameter,
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page of them',
      schema: pageOf(relocationView),
      example: {
        items: [
          {
            ...{ ...examples, label: 'B-WS 101E', vehicleTypeId: 'e-golf' },
            ...{ distance: 2_540, idleMinutes: 410, expected: 3.25 },
          },
        ],
      },
    },
  },
  problems: ['bad-cursor', 'system-not-found'],
  async handle({ path: { systemId }, query: { idleMinutes, limit, cursor }, caller }, { relocations }) {
    const question = { relocationsIn: systemId, idleMinutes };
    const from = Number(decodeCursor(question, cursor) ?? 0);
    const all = await relocations.suggested(caller, systemId, idleMinutes * minute);
    const nextCursor = all.length > from + limit ? { nextCursor: encodeCursor(question, String(from + limit)) } : {};
    return { status: 200, body: { items: all.slice(from, from + limit).map(lineOf), ...nextCursor } };
  },
});

const begin = route({
  ...{ method: 'POST', path, operationId: 'beginRelocation', tag, scopes: ['work_in_field'] },
  summary: 'Have a vehicle brought to a cell: a task for a crew',
  description:
    'Asked again it is the same task, as long as nobody has used the vehicle. Who drives it away settles it.',
  audit: 'field-task.relocate',
  pathSchema: systemPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ vehicleId: vehicleIdText, cell: cellText }), { id: 'RelocationOrder' }),
    mediaTypes: ['application/json'],
    examples: { there: { vehicleId: examples.vehicleId, cell: examples.to.cell } },
  },
  replies: {
    200: {
      description: 'The task',
      schema: taskView,
      example: { ...taskExample, kind: 'move', why: 'relocation', what: 'Bring it to where people look for one' },
    },
  },
  problems: ['system-not-found', 'shared-vehicle-not-found', 'relocation-not-possible', 'contended'],
  async permit({ path: { systemId }, caller }, { sharingDoor }) {
    await sharingDoor.system(caller, systemId);
  },
  async handle({ path: { systemId }, body: { vehicleId, cell }, caller }, { relocations, taskList, clock }) {
    const task = await relocations.begin(caller, systemId, vehicleId, cell);
    const [listed = { task }] = await taskList.described(systemId, [task]);
    return { status: 200, body: viewOf(listed, clock.now()) };
  },
});

export const fieldRelocationRoutes: readonly SharingRoute[] = [suggest, begin];

function lineOf({ vehicle, label, from, to, place, distance, expected }: Suggested): z.infer<typeof relocationView> {
  return {
    ...{ vehicleId: vehicle.vehicleId, label, vehicleTypeId: vehicle.vehicleTypeId },
    ...{ from: { cell: from, place: vehicle.place }, to: { cell: to, place } },
    ...{ distance: Math.round(distance), idleMinutes: Math.floor(vehicle.idle / minute) },
    expected: Math.round(expected * 100) / 100,
  };
}
