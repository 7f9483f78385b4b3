import * as z from 'zod/mini';
import { requireScope } from '#shared/access/caller.ts';
import type { CommandId } from '#shared/commands/command.ts';
import { type Command, commandIdPattern, isCommandId, isFinal, longestLife } from '#shared/commands/command.ts';
import { type CommandName, commandCatalogue, commandNames, controlScopes } from '#shared/commands/command-catalogue.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone, type Reply } from '../route.ts';
import { as, cursorParameter, instant, isoTime, limitParameter, pageOf, text, vehicleIdText } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';

const tag = 'Commands';
const path = '/v1/vehicles/{vehicleId}/commands';
const onePath = z.object({ vehicleId: vehicleIdText });

/** API Gateway gives up after 30 s. */
const longestWait = 25;

const commandIdText = text<CommandId>(isCommandId, () => 'is no command id', {
  pattern: commandIdPattern.source,
  description: 'Identifier of the command; sorts by the time it was issued',
});

function orderOf(name: CommandName) {
  const { summary, scope, parameters } = commandCatalogue[name];
  const schema = z.strictObject({
    name: z.literal(name),
    parameters: z.exactOptional<z.ZodMiniType<Readonly<Record<string, unknown>>>>(parameters),
    expiresInSeconds: z._default(z.int().check(z.gte(5), z.lte(longestLife / 1000)), 30),
  });
  return as(schema, { description: `${summary}. Needs the scope \`${scope}\`.` });
}

const [firstName, ...otherNames] = commandNames;
if (firstName === undefined) throw new Error('The command catalogue is empty');
const orderSchema = as(z.discriminatedUnion('name', [orderOf(firstName), ...otherNames.map(orderOf)]), {
  id: 'CommandOrder',
});

const outcome = {
  completedAt: z.exactOptional(instant('When the vehicle says it was done')),
  reason: z.exactOptional(as(z.string(), { description: 'Why not, for programs' })),
  detail: z.exactOptional(as(z.string(), { description: 'Why not, for people' })),
};

const commandSchema = as(
  z.object({
    commandId: z.string(),
    vehicleId: z.string(),
    name: z.enum(commandNames),
    parameters: z.record(z.string(), z.unknown()),
    status: z.enum(['accepted', 'sent', 'succeeded', 'rejected', 'failed', 'expired']),
    issuedAt: instant(),
    expiresAt: instant('Until then the vehicle may carry it out'),
    sentAt: z.exactOptional(instant()),
    ...outcome,
    expiredAt: z.exactOptional(instant()),
    lateReply: z.exactOptional(
      as(z.object({ status: z.enum(['succeeded', 'rejected', 'failed']), ...outcome }), {
        description: 'What the vehicle answered after the command had expired',
      }),
    ),
  }),
  { id: 'Command' },
);

type CommandView = z.infer<typeof commandSchema>;

const example: CommandView = {
  commandId: 'cmd-01l8q3m2gk3vq7n2mzt5ahx6cwp4r',
  vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r',
  name: 'climate.start',
  parameters: { targetTemperature: 21 },
  status: 'succeeded',
  issuedAt: '2026-11-21T08:30:00.000Z',
  expiresAt: '2026-11-21T08:30:30.000Z',
  completedAt: '2026-11-21T08:30:00.180Z',
};
const { completedAt: _, ...unanswered } = example;
const sentExample: CommandView = { ...unanswered, status: 'sent', sentAt: '2026-11-21T08:30:00.040Z' };

const issueCommand = route({
  ...{ method: 'POST', path, operationId: 'issueCommand', tag },
  summary: 'Tell a vehicle to do something',
  description:
    'Answers 202 at once, or with `Prefer: wait=10` as soon as the vehicle has answered. The vehicle does nothing after `expiresAt`.',
  scopes: controlScopes,
  audit: 'command.issue',
  pathSchema: onePath,
  querySchema: noQuery,
  headerSchema: z.object({
    prefer: z.exactOptional(
      as(z.string().check(z.maxLength(200)), {
        description: `\`wait=N\`: wait up to N seconds (at most ${longestWait}) for the outcome`,
      }),
    ),
  }),
  body: {
    schema: orderSchema,
    mediaTypes: ['application/json'],
    examples: Object.fromEntries(
      commandNames.map((name) => [name, { name, parameters: commandCatalogue[name].example, expiresInSeconds: 30 }]),
    ),
  },
  replies: {
    200: { description: 'The outcome, within the time that was asked for', schema: commandSchema, example },
    202: {
      description: 'On its way',
      schema: commandSchema,
      example: sentExample,
      headers: { Location: 'Where its state can be read' },
    },
  },
  problems: [
    'vehicle-not-found',
    'vehicle-offline',
    'vehicle-expected',
    'vehicle-provisioned',
    'vehicle-suspended',
    'vehicle-retired',
  ],
  async permit({ path: { vehicleId }, body, caller }, services) {
    requireScope(caller, commandCatalogue[body.name].scope);
    await services.vehicles.require(caller, vehicleId);
  },
  async handle({ path: { vehicleId }, headers, body, caller, operation }, services) {
    const begun = services.clock.now();
    const { name, parameters = {}, expiresInSeconds } = body;
    const wait = waitOf(headers.prefer);
    const awaited = wait !== undefined && wait > 0 && { replyWithin: wait };
    const order = { name, parameters, expiresInSeconds, ...awaited };
    const issued = await services.commands.issue(caller, vehicleId, order, operation);
    const command = wait === undefined ? issued : await services.commands.settled(issued, begun + wait * 1000);
    return replyOf(command, wait);
  },
});

const listCommands = route({
  ...{ method: 'GET', path, operationId: 'listCommands', tag },
  summary: 'The latest commands to a vehicle, the newest first',
  scopes: ['read_vehicles'],
  pathSchema: onePath,
  querySchema: z.strictObject({ limit: limitParameter(100, 25), cursor: cursorParameter }),
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page of commands', schema: pageOf(commandSchema), example: { items: [example] } } },
  problems: ['vehicle-not-found', 'bad-cursor'],
  async handle({ path: { vehicleId }, query: { limit, cursor }, caller }, services) {
    const from = decodeCursor({ vehicleId }, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await services.commands.recent(caller, vehicleId, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor({ vehicleId }, next) };
    return { status: 200, body: { items: items.map(viewOf), ...nextCursor } };
  },
});

const getCommand = route({
  ...{ method: 'GET', path: `${path}/{commandId}`, operationId: 'getCommand', tag },
  summary: 'What became of a command',
  scopes: ['read_vehicles'],
  pathSchema: z.object({ vehicleId: vehicleIdText, commandId: commandIdText }),
  ...pathAlone,
  replies: { 200: { description: 'The command', schema: commandSchema, example } },
  problems: ['vehicle-not-found', 'command-not-found'],
  async handle({ path: { vehicleId, commandId }, caller }, services) {
    return { status: 200, body: viewOf(await services.commands.get(caller, vehicleId, commandId)) };
  },
});

export const commandRoutes: readonly VehicleRoute[] = [issueCommand, listCommands, getCommand];

function replyOf(command: Command, wait: number | undefined): Reply {
  const applied = wait === undefined ? {} : { 'preference-applied': `wait=${wait}` };
  if (wait !== undefined && isFinal(command.state)) return { status: 200, body: viewOf(command), headers: applied };
  const location = `/v1/vehicles/${command.vehicleId}/commands/${command.commandId}`;
  return { status: 202, body: viewOf(command), headers: { ...applied, location } };
}

/** RFC 7240: a preference that is not understood is passed over. */
function waitOf(prefer: string | undefined): number | undefined {
  const seconds = prefer?.match(/(?:^|[,;]\s*)wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i)?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), longestWait);
}

function viewOf({ issuedBy: _, state, issuedAt, expiresAt, ...command }: Command): CommandView {
  return { ...command, issuedAt: isoTime(issuedAt), expiresAt: isoTime(expiresAt), ...stateView(state) };
}

function stateView(state: Command['state']) {
  switch (state.status) {
    case 'accepted':
      return { status: state.status };
    case 'sent':
      return { status: state.status, sentAt: isoTime(state.sentAt) };
    case 'expired': {
      const { expiredAt, lateReply } = state;
      const late =
        lateReply === undefined ? {} : { lateReply: { ...lateReply, completedAt: isoTime(lateReply.completedAt) } };
      return { status: state.status, expiredAt: isoTime(expiredAt), ...late };
    }
    default:
      return { ...state, completedAt: isoTime(state.completedAt) };
  }
}
