import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type Command, type CommandId, isCommandId, type Outcome } from '#shared/commands/command.ts';
import { type CommandName, isCommandName } from '#shared/commands/command-catalogue.ts';
import type { CommandRepository } from '#shared/commands/command-repository.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { ttl, written } from './document-client.ts';
import { vehicleIdValue } from './registry-item.ts';

const isNew = 'attribute_not_exists(pk)';
const isAccepted = '#state.#status = :accepted';
const isOpen = '#state.#status IN (:accepted, :sent)';
const isExpiredUnanswered = '#state.#status = :expired AND attribute_not_exists(#state.lateReply)';

/** Commands are remembered as long as telemetry is. */
const memory = 90 * 24 * 3_600_000;

const commandId = z.custom<CommandId>((value) => typeof value === 'string' && isCommandId(value));
const commandName = z.custom<CommandName>((value) => typeof value === 'string' && isCommandName(value));

const outcomes = [
  z.object({ status: z.literal('succeeded'), completedAt: z.number() }),
  z.object({
    status: z.enum(['rejected', 'failed']),
    completedAt: z.number(),
    reason: z.string(),
    detail: z.exactOptional(z.string()),
  }),
] as const;

const commandItem = z.object({
  pk: vehicleIdValue,
  sk: commandId,
  name: commandName,
  parameters: z.record(z.string(), z.unknown()),
  issuedBy: z.string(),
  issuedAt: z.number(),
  // Not `expiresAt`: that is the table's TTL.
  validUntil: z.number(),
  state: z.union([
    z.object({ status: z.literal('accepted') }),
    z.object({ status: z.literal('sent'), sentAt: z.number() }),
    ...outcomes,
    z.object({ status: z.literal('expired'), expiredAt: z.number(), lateReply: z.exactOptional(z.union(outcomes)) }),
  ]),
});

export class DynamoCommandRepository implements CommandRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(pk: VehicleId, sk: CommandId): Promise<Command | undefined> {
    const get = { TableName: this.#table, Key: { pk, sk }, ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : commandOf(Item);
  }

  async recent(vehicleId: VehicleId, { limit, from }: PageRequest): Promise<Page<Command>> {
    if (from !== undefined && !isCommandId(from)) {
      throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
    }
    const page = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, ScanIndexForward: false, Limit: limit, ConsistentRead: true },
        KeyConditionExpression: 'pk = :vehicle',
        ExpressionAttributeValues: { ':vehicle': vehicleId },
        ...(from !== undefined && { ExclusiveStartKey: { pk: vehicleId, sk: from } }),
      }),
    );
    const items = (page.Items ?? []).map(commandOf);
    const last = items.at(-1);
    return page.LastEvaluatedKey === undefined || last === undefined ? { items } : { items, next: last.commandId };
  }

  add(command: Command): Promise<boolean> {
    const put = { TableName: this.#table, Item: itemOf(command), ConditionExpression: isNew };
    return written(this.#client.send(new PutCommand(put)));
  }

  markSent({ vehicleId, commandId: id }: Command, sentAt: number): Promise<boolean> {
    return this.#setState(vehicleId, id, { status: 'sent', sentAt }, isAccepted, { ':accepted': 'accepted' });
  }

  finish(vehicleId: VehicleId, id: CommandId, outcome: Outcome): Promise<boolean> {
    return this.#setState(vehicleId, id, outcome, isOpen, { ':accepted': 'accepted', ':sent': 'sent' });
  }

  expire(vehicleId: VehicleId, id: CommandId, expiredAt: number): Promise<boolean> {
    const open = { ':accepted': 'accepted', ':sent': 'sent' };
    return this.#setState(vehicleId, id, { status: 'expired', expiredAt }, isOpen, open);
  }

  noteLateReply(pk: VehicleId, sk: CommandId, outcome: Outcome): Promise<boolean> {
    const update = {
      ...{ TableName: this.#table, Key: { pk, sk }, ConditionExpression: isExpiredUnanswered },
      UpdateExpression: 'SET #state.lateReply = :outcome',
      ExpressionAttributeNames: { '#state': 'state', '#status': 'status' },
      ExpressionAttributeValues: { ':outcome': outcome, ':expired': 'expired' },
    };
    return written(this.#client.send(new UpdateCommand(update)));
  }

  #setState(pk: VehicleId, sk: CommandId, state: Command['state'], condition: string, values: Record<string, string>) {
    const update = {
      ...{ TableName: this.#table, Key: { pk, sk }, ConditionExpression: condition },
      UpdateExpression: 'SET #state = :state',
      ExpressionAttributeNames: { '#state': 'state', '#status': 'status' },
      ExpressionAttributeValues: { ...values, ':state': state },
    };
    return written(this.#client.send(new UpdateCommand(update)));
  }
}

function itemOf({ vehicleId, commandId: sk, expiresAt: validUntil, ...command }: Command) {
  return { pk: vehicleId, sk, ...command, validUntil, expiresAt: ttl(command.issuedAt + memory) };
}

function commandOf(item: unknown): Command {
  const { pk, sk, validUntil, ...command } = commandItem.parse(item);
  return { ...command, vehicleId: pk, commandId: sk, expiresAt: validUntil };
}
