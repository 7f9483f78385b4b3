import type { EventContext, Sender } from 'rhea';
import { z } from 'zod';
import type { FeedRecord } from '#local/azure/hub/feed.ts';
import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import type { Section } from './feedback-queue.ts';

/** What AMQP carries in an event's properties, by the hub's names; everything else of the hub's is an annotation. */
const ownProperties = new Map([
  ['message-id', 'message_id'],
  ['correlation-id', 'correlation_id'],
  ['user-id', 'user_id'],
  ['content-type', 'content_type'],
  ['content-encoding', 'content_encoding'],
]);

const partitionPath = /^([^/]+)\/ConsumerGroups\/([^/]+)\/Partitions\/(\d+)$/i;
/** From where on, as the Event Hubs clients write it: `amqp.annotation.x-opt-offset > '-1'`. */
const selector = /amqp\.annotation\.(x-opt-offset|x-opt-sequence-number|x-opt-enqueued-time)\s*(>=?)\s*'?([^']*)'?/;
const question = z.object({
  operation: z.literal('READ'),
  type: z.enum(['com.microsoft:eventhub', 'com.microsoft:partition']),
  name: z.string(),
  partition: z.coerce.number().optional(),
});
const atOnce = 100;

/** The endpoint at which a hub's events are read as those of an Event Hub. */
export class EventLinks {
  readonly #hub: LocalIotHub;
  readonly #section: Section;
  readonly #pumps = new Set<() => void>();
  #answers: Sender | undefined;
  #stop: (() => void) | undefined;

  constructor(hub: LocalIotHub, section: Section) {
    this.#hub = hub;
    this.#section = section;
  }

  /** The name under which it is read: `EntityPath` in a connection string. */
  static entityOf({ hostName }: Pick<LocalIotHub, 'hostName'>): string {
    return hostName.split('.')[0] ?? hostName;
  }

  static isMeant(address: string): boolean {
    return partitionPath.test(address);
  }

  /** Over this link clients hear what there is. */
  answerBy(sender: Sender): void {
    this.#answers = sender;
  }

  answer({ message, delivery }: EventContext): void {
    delivery?.accept();
    const asked = question.safeParse(message?.application_properties);
    const body = asked.success ? this.#described(asked.data) : undefined;
    const correlation = message?.message_id;
    this.#answers?.send({
      ...(typeof correlation === 'string' && { correlation_id: correlation }),
      application_properties: {
        'status-code': body === undefined ? 404 : 200,
        'status-description': body ? 'OK' : 'Not found',
      },
      body: body ?? '',
    });
  }

  /** @returns false where there is no such partition, or what is wished cannot be read */
  attach(sender: Sender, address: string): boolean {
    const [, entity = '', , index = ''] = partitionPath.exec(address) ?? [];
    const partition = Number(index);
    if (entity !== EventLinks.entityOf(this.#hub) || partition >= this.#hub.feed.partitions) return false;
    let next = this.#start(partition, filterOf(sender));
    if (next === undefined) return false;
    const pump = () => {
      while (next !== undefined && sender.sendable()) {
        const [record] = this.#hub.feed.read(partition, next, 1);
        if (record === undefined) return;
        sender.send(this.#eventOf(record));
        next = record.sequence + 1;
      }
    };
    this.#pumps.add(pump);
    sender.on('sendable', pump);
    sender.on('sender_close', () => this.#pumps.delete(pump));
    this.#stop ??= this.#hub.feed.appended.add(() => {
      for (const each of this.#pumps) each();
    });
    return true;
  }

  /** The connection is gone. */
  close(): void {
    this.#pumps.clear();
    this.#stop?.();
  }

  #start(partition: number, filter: string | undefined): number | undefined {
    const { feed } = this.#hub;
    const { first, next } = feed.bounds(partition);
    if (filter === undefined) return first;
    const [, name, comparison, value = ''] = selector.exec(filter) ?? [];
    if (value === '@latest') return next;
    if (name === undefined || value === '') return undefined;
    const beyond = (record: FeedRecord) => {
      const [own, wanted] = [placeOf(record, name), Number(value)];
      return comparison === '>=' ? own >= wanted : own > wanted;
    };
    for (let from = first; from < next; from += atOnce) {
      const found = feed.read(partition, from, atOnce).find(beyond);
      if (found !== undefined) return found.sequence;
    }
    return next;
  }

  #described({ type, name, partition }: z.infer<typeof question>): object | undefined {
    const { feed } = this.#hub;
    if (name !== EventLinks.entityOf(this.#hub)) return undefined;
    const partitions = Array.from({ length: feed.partitions }, (_, index) => String(index));
    if (type === 'com.microsoft:eventhub') {
      return { type, name, created_at: new Date(0), partition_count: partitions.length, partition_ids: partitions };
    }
    if (partition === undefined || !partitions.includes(String(partition))) return undefined;
    const { first, next } = feed.bounds(partition);
    const [last] = feed.read(partition, next - 1, 1);
    return {
      ...{ type, name, partition: String(partition), begin_sequence_number: first },
      last_enqueued_sequence_number: next - 1,
      last_enqueued_offset: last?.offset ?? '-1',
      last_enqueued_time_utc: new Date(last?.enqueuedAt ?? 0),
      is_partition_empty: first === next,
    };
  }

  #eventOf({ body, properties, systemProperties, sequence, offset, enqueuedAt }: FeedRecord) {
    const own = Object.entries(systemProperties).flatMap(([name, value]) => {
      const known = ownProperties.get(name);
      return known === undefined ? [] : [[known, value]];
    });
    const annotations = Object.entries(systemProperties).filter(([name]) => !ownProperties.has(name));
    return {
      ...Object.fromEntries(own),
      application_properties: properties,
      message_annotations: {
        ...Object.fromEntries(annotations),
        'x-opt-sequence-number': sequence,
        'x-opt-offset': offset,
        'x-opt-enqueued-time': new Date(enqueuedAt),
      },
      body: this.#section(body),
    };
  }
}

function placeOf({ sequence, offset, enqueuedAt }: FeedRecord, name: string): number {
  if (name === 'x-opt-offset') return Number(offset);
  return name === 'x-opt-sequence-number' ? sequence : enqueuedAt;
}

/** A described value under any name: there is one filter at most. */
function filterOf({ source }: Sender): string | undefined {
  const filters: unknown = Reflect.get(source, 'filter');
  const [found] = typeof filters === 'object' && filters !== null ? Object.values(filters) : [];
  const value: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, 'value') : found;
  return typeof value === 'string' ? value : undefined;
}
