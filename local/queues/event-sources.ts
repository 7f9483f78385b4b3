import { createHash } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { EngineClient } from '#local/dynamo/engine-client.ts';
import type { Checkpoint } from '#local/dynamo/shard-reader.ts';
import { StreamSource } from '#local/dynamo/stream-source.ts';
import type { TableWrites } from '#local/dynamo/table-writes.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { Principal } from '#local/iam/principal.ts';
import type { LambdaInvoker } from '#local/lambda/invoker.ts';
import type { Collection, State } from '#local/state/collection.ts';
import type { ResourceType } from '#local/template/resource-type.ts';
import type { Tracing } from '#local/trace/traces.ts';
import { type EventSourceMapping, parseMapping, type StreamMapping } from './event-source-mapping.ts';
import { QueueSource } from './queue-source.ts';
import type { QueueAccess, Queues } from './queues.ts';

/** What event sources must know of a function. */
export interface ConsumingFunction {
  readonly arn: string;
  /** Its execution role. */
  readonly role: Principal;
}

export interface EventSourcesOptions {
  readonly region: string;
  readonly accountId: string;
  readonly state: State;
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly access: QueueAccess;
  readonly queues: Queues;
  readonly engine: EngineClient;
  readonly writes: TableWrites;
  readonly invoker: LambdaInvoker;
  readonly tracing?: Tracing;
  /** By name or ARN; throws for an unknown function. */
  readonly findFunction: (reference: string) => ConsumingFunction;
  readonly log: (line: string) => void;
  /** Only for tests: milliseconds before the next attempt of a stream's batch. */
  readonly retryDelay?: (attempt: number) => number;
}

interface Source {
  start(): void;
  stop(): Promise<void>;
}

/** Whoever is through later than this sees its records again after the next start. */
const patienceMs = 3000;

/** The pollers that Lambda keeps between sources and functions: `AWS::Lambda::EventSourceMapping`. */
export class EventSources {
  readonly #options: EventSourcesOptions;
  readonly #mappings: { readonly name: string; readonly mapping: EventSourceMapping }[] = [];
  readonly #checkpoints: Collection<Checkpoint>;
  #sources: Source[] = [];

  constructor(options: EventSourcesOptions) {
    this.#options = options;
    this.#checkpoints = options.state.collection('dynamo/stream-checkpoints');
  }

  get resource(): ResourceType {
    return {
      type: 'AWS::Lambda::EventSourceMapping',
      create: (properties, { accountId, logicalId, region, stackName }) => {
        const mapping = parseMapping(properties);
        if (mapping !== undefined) this.#mappings.push({ name: logicalId, mapping });
        const id = stableUuid(`${stackName}/${logicalId}`);
        const arn = `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${id}`;
        return { ref: id, attributes: { Id: id, EventSourceMappingArn: arn } };
      },
    };
  }

  /**
   * Begins to poll. Call it when the whole template is in place.
   *
   * @throws Error naming the mapping whose function may not read its source, or that lacks its source or function
   */
  start(): void {
    for (const { name, mapping } of this.#mappings) {
      try {
        const source = mapping.kind === 'queue' ? this.#queueSource(mapping) : this.#streamSource(mapping);
        this.#sources.push(source);
        source.start();
      } catch (cause) {
        void this.stop();
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`The event source mapping ${name} cannot work: ${reason}`, { cause });
      }
    }
  }

  /** Resolves when the functions are through with what they have, or too slow. */
  async stop(): Promise<void> {
    const stopping = Promise.all(this.#sources.map((source) => source.stop()));
    this.#sources = [];
    let impatient: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      impatient = setTimeout(resolve, patienceMs);
    });
    await Promise.race([stopping, late]);
    clearTimeout(impatient);
  }

  async close(): Promise<void> {
    await this.stop();
  }

  #queueSource(mapping: Extract<EventSourceMapping, { kind: 'queue' }>): Source {
    const { findFunction, queues, ...rest } = this.#options;
    const { arn: functionArn, role } = findFunction(mapping.functionName);
    return new QueueSource({ ...rest, mapping, queue: queues.find(mapping.sourceArn), functionArn, role });
  }

  #streamSource(mapping: StreamMapping): Source {
    const { findFunction, queues, ...rest } = this.#options;
    const { arn: functionArn, role } = findFunction(mapping.functionName);
    return new StreamSource({
      ...rest,
      mapping,
      functionArn,
      role,
      checkpoints: this.#checkpoints,
      sendFailure: async (queueArn, body) => {
        await queues.send({ kind: 'principal', principal: role }, queueArn, body);
      },
    });
  }
}

/** The same at every start. */
function stableUuid(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
