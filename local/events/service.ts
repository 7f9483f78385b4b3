import { z } from 'zod';
import { AwsError } from '#local/aws-error.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { AwsOperation, AwsRequest, AwsService } from '#local/gateway/service.ts';
import type { Permission } from '#local/iam/principal.ts';
import type { EventBuses } from './event-bus.ts';

const entry = z.strictObject({
  Time: z.number().optional(),
  Source: z.string().optional(),
  Resources: z.array(z.string()).optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().optional(),
  TraceHeader: z.string().optional(),
});
type Entry = z.infer<typeof entry>;

const putEvents = z.strictObject({ Entries: z.array(entry).min(1).max(10), EndpointId: z.undefined().optional() });
const describeBus = z.object({ Name: z.string().default('default') });

const largestRequest = 1_048_576;

/** EventBridge for SDK clients. */
export function eventsService(buses: EventBuses, faults: Faults): AwsService {
  return { names: ['events'], understand: (request) => understand(request, buses, faults) };
}

function understand(request: AwsRequest, buses: EventBuses, faults: Faults): AwsOperation {
  const name = request.headers['x-amz-target']?.split('.')[1] ?? '';
  const input = readJson(request.body);
  switch (name) {
    case 'PutEvents': {
      const { Entries: entries } = parse(putEvents, input);
      return {
        name,
        permissions: entries.map((each) => putPermission(each, buses)),
        run: () => ({ status: 200, body: putAll(entries, buses, faults) }),
      };
    }
    case 'DescribeEventBus': {
      const bus = busName(parse(describeBus, input).Name);
      return {
        name,
        permissions: [{ action: 'events:DescribeEventBus', resource: buses.busArn(bus) }],
        run() {
          if (!buses.hasBus(bus)) throw missing(bus);
          return { status: 200, body: { Name: bus, Arn: buses.busArn(bus) } };
        },
      };
    }
    case 'ListEventBuses': {
      const found = buses.busNames().map((bus) => ({ Name: bus, Arn: buses.busArn(bus) }));
      return {
        name,
        permissions: [{ action: 'events:ListEventBuses', resource: '*' }],
        run: () => ({ status: 200, body: { EventBuses: found } }),
      };
    }
    default:
      throw new AwsError('UnknownOperationException', 400, `The local EventBridge has no operation "${name}".`);
  }
}

function putPermission({ EventBusName, Source, DetailType }: Entry, buses: EventBuses): Permission {
  return {
    action: 'events:PutEvents',
    resource: buses.busArn(busName(EventBusName)),
    context: {
      ...(Source === undefined ? {} : { 'events:source': Source }),
      ...(DetailType === undefined ? {} : { 'events:detail-type': DetailType }),
    },
  };
}

/** An entry that is refused does not keep the others. */
function putAll(entries: readonly Entry[], buses: EventBuses, faults: Faults): object {
  const size = entries.reduce((sum, each) => sum + entrySize(each), 0);
  if (size > largestRequest) {
    throw new AwsError('ValidationException', 400, `Total size of the entries in the request is over the limit.`);
  }
  const results = entries.map((each) => {
    const bus = busName(each.EventBusName);
    const failing = faults.failing?.('event', `${bus}:PutEvents`, ['entry']).has('entry') ?? false;
    return failing
      ? { ErrorCode: 'InternalFailure', ErrorMessage: 'The entry was not taken, by a fault.' }
      : put(each, buses);
  });
  return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
}

/** As AWS counts: time 14 bytes, the rest in UTF-8 (EventBridge user guide, "Calculating PutEvents entry size"). */
function entrySize({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return (Time === undefined ? 0 : 14) + texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function put({ Time, Source, DetailType, Detail, Resources, EventBusName }: Entry, buses: EventBuses): object {
  if (!Source) return refused('Source');
  if (!DetailType) return refused('DetailType');
  if (!Detail) return refused('Detail');
  if (Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  const detail = readDetail(Detail);
  if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const bus = busName(EventBusName);
  if (!buses.hasBus(bus)) return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: missing(bus).message };
  const id = buses.put(bus, {
    source: Source,
    detailType: DetailType,
    detail,
    resources: Resources ?? [],
    time: Time === undefined ? undefined : Time * 1000,
  });
  return { EventId: id };
}

function refused(name: string): object {
  return {
    ErrorCode: 'InvalidArgument',
    ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
  };
}

function readDetail(text: string): object | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

/** By name or ARN. */
function busName(reference = 'default'): string {
  return reference.startsWith('arn:') ? reference.slice(reference.indexOf('/') + 1) : reference;
}

function missing(bus: string): AwsError {
  return new AwsError('ResourceNotFoundException', 400, `Event bus ${bus} does not exist.`);
}

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AwsError('ValidationException', 400, z.prettifyError(parsed.error));
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}');
  } catch {
    throw new AwsError('SerializationException', 400, 'The body is not JSON.');
  }
}
