import { AwsError } from '#local/aws-error.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { AwsOperation, AwsResponse, AwsService } from '#local/gateway/service.ts';
import { consumed, hop, outcome } from '#local/trace/context.ts';
import { vehiclesIn } from '#local/trace/hop-record.ts';
import { isMetered, metered, unmetered } from './capacity.ts';
import type { EngineAnswer, EngineClient } from './engine-client.ts';
import { partOf, withUnprocessed } from './partial-batch.ts';
import { type TableAccess, tableAccess, tableName } from './permissions.ts';
import { throughFaults } from './table-faults.ts';
import type { TableWrites } from './table-writes.ts';
import { itemsWrittenBy } from './written-items.ts';

type Input = Readonly<Record<string, unknown>>;

export interface DynamoServiceOptions {
  readonly engine: EngineClient;
  readonly writes: TableWrites;
  readonly faults: Faults;
}

/** DynamoDB for SDK clients: understands what a call needs, then passes its bytes to the engine. */
export function dynamoService({ engine, writes, faults }: DynamoServiceOptions): AwsService {
  return {
    names: ['dynamodb'],
    understand(request): AwsOperation {
      const [api, operation = ''] = (request.headers['x-amz-target'] ?? '').split('.');
      const input = parse(request.body);
      if (api?.startsWith('DynamoDBStreams')) return streamOperation(engine, operation, input);
      const access = tableAccess(operation, input, engine.arnPrefix);
      return {
        name: operation,
        permissions: access.permissions,
        async run() {
          if (operation === 'DescribeContinuousBackups') return continuousBackups(engine, access);
          if (operation === 'DeleteTable') refuseProtected(engine, access);
          const label = `${access.tables.join('+')}:${operation}`;
          return hop({ kind: 'table', label, vehicles: vehiclesOf(operation, input) }, async () => {
            return throughFaults(faults, { operation, tables: access.tables, input }, async () => {
              const written = itemsWrittenBy(operation, input, tableName).filter(({ table }) =>
                writes.isFollowed(table),
              );
              const forget = writes.items.remember(written, Date.now());
              const answer = await workedOff(engine, faults, operation, request.body, input);
              if (answer.status !== 200) forget();
              else if (access.writes) for (const table of access.tables) writes.announce(table);
              return forCaller(answer, operation.endsWith('Item') || operation.endsWith('Items'), engine);
            });
          });
        },
      };
    },
  };
}

function refuseProtected(engine: EngineClient, { tables }: TableAccess): void {
  if (!tables.some((table) => engine.isProtected(table))) return;
  const reason = 'Resource cannot be deleted as it is currently protected against deletion.';
  throw new AwsError('ValidationException', 400, `${reason} Disable deletion protection first.`);
}

/** All of it, or of a batch the part that a fault leaves. */
async function workedOff(
  engine: EngineClient,
  faults: Faults,
  operation: string,
  body: Buffer,
  input: Input,
): Promise<EngineAnswer> {
  const part = partOf(faults, operation, input);
  if (part === undefined) return forwarded(engine, operation, body, input);
  const { requested } = part;
  const left = { ...input, RequestItems: requested };
  const bytes = Buffer.from(JSON.stringify(left));
  const answer = requested === undefined ? undefined : await forwarded(engine, operation, bytes, left);
  if (answer !== undefined && answer.status !== 200) return answer;
  const known = answer === undefined ? undefined : parse(answer.body);
  const { 'x-amz-crc32': _, ...headers } = answer?.headers ?? { 'content-type': 'application/x-amz-json-1.0' };
  return { status: 200, headers, body: Buffer.from(JSON.stringify(withUnprocessed(operation, known, part))) };
}

/** Passes the call on, and notes what the engine says that it consumed. */
async function forwarded(engine: EngineClient, operation: string, body: Buffer, input: Input): Promise<EngineAnswer> {
  const asks = isMetered(operation, input);
  const call = forEngine(body, input, engine);
  const answer = await engine.forward(`DynamoDB_20120810.${operation}`, asks ? metered(call) : call);
  if (answer.status !== 200) outcome(`refused: ${errorName(answer.body)}`);
  if (!asks || answer.status !== 200) return answer;
  const { body: own, units } = unmetered(operation, answer.body);
  consumed(units);
  // The checksum was that of the longer answer.
  const { 'x-amz-crc32': _, ...headers } = answer.headers;
  return { ...answer, headers, body: own };
}

function errorName(body: Buffer): string {
  return /"__type":"(?:[^"#]*#)?(\w+)"/.exec(body.toString('utf8'))?.[1] ?? 'Error';
}

/** Whose items they are: the keys alone are looked at. */
function vehiclesOf(operation: string, input: Input): readonly string[] {
  const keys = operation.startsWith('Transact') || operation.startsWith('Batch') ? input : pickKeys(input);
  return [...new Set(vehiclesIn(JSON.stringify(keys)))];
}

function pickKeys({ Key: key, Item: item, ExpressionAttributeValues: values }: Input): object {
  return { key, pk: Object(item)['pk'], sk: Object(item)['sk'], values };
}

/** Engines want bare names where AWS takes an ARN too. */
function forEngine(body: Buffer, input: Input, engine: EngineClient): Buffer {
  if (!body.includes(`"${engine.arnPrefix}table/`)) return body;
  const { TableName: table, RequestItems: requested, TransactItems: items, ResourceArn: resource, ...rest } = input;
  return Buffer.from(
    JSON.stringify({
      ...rest,
      ...(table === undefined ? {} : { TableName: tableName(table) }),
      ...(requested === undefined ? {} : { RequestItems: bareKeys(requested) }),
      ...(Array.isArray(items) ? { TransactItems: items.map(bareItem) } : {}),
      ...(typeof resource === 'string' ? { ResourceArn: engine.foreignArns(resource) } : {}),
    }),
  );
}

function bareKeys(requested: unknown): object {
  return Object.fromEntries(Object.entries(Object(requested)).map(([name, value]) => [tableName(name), value]));
}

function bareItem(item: unknown): object {
  return Object.fromEntries(
    Object.entries(Object(item)).map(([kind, target]) => [
      kind,
      { ...Object(target), TableName: tableName(Object(target)['TableName']) },
    ]),
  );
}

function forCaller(answer: EngineAnswer, itemsOnly: boolean, engine: EngineClient): AwsResponse {
  if (itemsOnly && answer.status === 200) return answer;
  const body = engine.ownArns(answer.body.toString('utf8'));
  return {
    status: answer.status,
    headers: { 'content-type': answer.headers['content-type'] ?? 'application/x-amz-json-1.0' },
    body,
  };
}

/** Engines do not keep backups; the table's own template says that AWS would. */
async function continuousBackups(engine: EngineClient, access: TableAccess): Promise<AwsResponse> {
  await engine.call('DescribeTable', { TableName: access.tables[0] });
  return {
    status: 200,
    body: {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
      },
    },
  };
}

const streamOperations = new Set(['DescribeStream', 'GetShardIterator', 'GetRecords', 'ListStreams']);

function streamOperation(engine: EngineClient, operation: string, input: Input): AwsOperation {
  if (!streamOperations.has(operation)) {
    throw new AwsError('UnknownOperationException', 400, `The local DynamoDB Streams has no operation "${operation}".`);
  }
  const named = input['StreamArn'];
  // A shard iterator is opaque: AWS too resolves it to its stream before it asks IAM.
  const resource = typeof named === 'string' ? named : `${engine.arnPrefix}table/${iteratorTable(input)}/stream/*`;
  return {
    name: operation,
    permissions: [{ action: `dynamodb:${operation}`, resource: operation === 'ListStreams' ? '*' : resource }],
    async run() {
      return { status: 200, body: JSON.stringify(await engine.callStreams(operation, input)) };
    },
  };
}

function iteratorTable(input: Input): string {
  const iterator = input['ShardIterator'];
  const decoded = typeof iterator === 'string' ? Buffer.from(iterator, 'base64').toString('utf8') : '';
  return /"table_name":"([^"]+)"/.exec(decoded)?.[1] ?? '*';
}

function parse(body: Buffer): Input {
  try {
    const value: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // falls through to the one answer for anything that is not an object
  }
  throw new AwsError('SerializationException', 400, 'The body is not a JSON object.');
}
