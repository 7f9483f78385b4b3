import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Feed, FeedRecord } from '#local/azure/hub/feed.ts';
import type { MovableClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { Collection, State } from '#local/state/collection.ts';
import type { RegisteredFunction } from './app-messages.ts';
import { FunctionApp } from './function-app.ts';

export interface FunctionHostOptions {
  /** The bundled app, as it would be deployed. */
  readonly directory: string;
  readonly settings: () => Readonly<Record<string, string>>;
  readonly feed: Feed;
  readonly state: State;
  readonly clock: MovableClock;
  readonly faults: Faults;
  readonly log: (line: string) => void;
}

/** What an output binding put into a queue of Storage. */
export interface QueuedMessage {
  readonly queue: string;
  readonly text: string;
}

const hostFile = z.object({
  extensions: z.object({ eventHubs: z.object({ maxEventBatchSize: z.int().positive() }) }),
});

const eventsFunction = 'events';

/**
 * Azure Functions beside the local hub: hands the events of each partition to the app in order, batch by batch, and goes
 * on behind a batch when it has succeeded or the app's retry policy gives it up. Checkpoints outlive a restart.
 */
export class FunctionHost {
  readonly #options: FunctionHostOptions;
  readonly #app: FunctionApp;
  readonly #batchSize: number;
  readonly #checkpoints: Collection<number>;
  readonly #queues: Collection<QueuedMessage>;
  readonly #partitions = new Set<Promise<void>>();
  readonly #wakes: (() => void)[] = [];
  readonly #endings = new Set<() => void>();
  #stopListening: (() => void) | undefined;
  #closed = false;

  constructor(options: FunctionHostOptions) {
    const { directory, settings, state, clock, log } = options;
    this.#options = options;
    this.#app = new FunctionApp({ directory, stateDirectory: state.directory, settings, clock, log });
    const file = hostFile.parse(JSON.parse(readFileSync(join(directory, 'host.json'), 'utf8')));
    this.#batchSize = file.extensions.eventHubs.maxEventBatchSize;
    this.#checkpoints = state.collection('azure/checkpoints');
    this.#queues = state.collection('azure/queues');
  }

  start(): void {
    const { feed } = this.#options;
    this.#stopListening = feed.appended.add(() => this.#wake());
    for (let partition = 0; partition < feed.partitions; partition += 1) {
      const run = this.#follow(partition).finally(() => this.#partitions.delete(run));
      this.#partitions.add(run);
    }
  }

  /** What lies in a queue of Storage, the oldest first. */
  queued(queue: string): readonly string[] {
    return [...this.#queues.values()].filter((message) => message.queue === queue).map(({ text }) => text);
  }

  /** Events that wait for the app. */
  get behind(): number {
    const { feed } = this.#options;
    return Array.from({ length: feed.partitions }, (_, partition) => {
      const { first, next } = feed.bounds(partition);
      return next - Math.max(first, this.#next(partition));
    }).reduce((sum, count) => sum + count, 0);
  }

  /** The function of an HTTP trigger, as whoever knows its key calls it. */
  async request(functionName: string, body: string): Promise<{ readonly status: number; readonly body: string }> {
    try {
      const url = `https://functions.localhost/api/${functionName}`;
      const { http } = await this.#app.call(functionName, { kind: 'http', url, body });
      return http ?? { status: 204, body: '' };
    } catch (error) {
      this.#options.log(`function app: ${functionName}: ${String(error)}`);
      return { status: 500, body: '' };
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening?.();
    this.#wake();
    await this.#app.close();
    await Promise.all(this.#partitions);
  }

  #next(partition: number): number {
    return this.#checkpoints.get(String(partition)) ?? 0;
  }

  async #follow(partition: number): Promise<void> {
    while (!this.#closed) {
      const batch = this.#options.feed.read(partition, this.#next(partition), this.#batchSize);
      const last = batch.at(-1);
      if (last === undefined) await this.#asleep();
      else if (await this.#done(partition, batch)) this.#checkpoints.set(String(partition), last.sequence + 1);
    }
  }

  /** False where the host is closed before the batch has come to its end. */
  async #done(partition: number, batch: readonly FeedRecord[]): Promise<boolean> {
    for (let failures = 0; ; failures += 1) {
      try {
        await this.#deliver(partition, batch);
        return true;
      } catch (error) {
        if (this.#closed) return false;
        this.#options.log(
          `function app: partition ${partition}: ${error instanceof Error ? error.message : String(error)}`,
        );
        const retry = await this.#retry();
        if (retry === undefined || (retry.most >= 0 && failures >= retry.most)) return true;
        await this.#asleep(Math.min(retry.maximum, retry.minimum * 2 ** failures) * 1000);
        if (this.#closed) return false;
      }
    }
  }

  async #retry(): Promise<RegisteredFunction['retry']> {
    try {
      return (await this.#app.describe(eventsFunction)).retry;
    } catch {
      // An app that does not start runs nothing: its events wait for one that does.
      return { most: -1, minimum: 1, maximum: 60 };
    }
  }

  async #deliver(partition: number, batch: readonly FeedRecord[]): Promise<void> {
    const fate = await this.#options.faults.at('event', `hub-events/${partition}`);
    if (fate.kind === 'fail') throw fate.error;
    // Event Hubs loses nothing: what does not arrive is read again.
    if (fate.kind === 'drop') throw new Error('the batch did not arrive, by a fault');
    const answers = [await this.#app.call(eventsFunction, inputOf(partition, batch))];
    if (fate.kind === 'duplicate') answers.push(await this.#app.call(eventsFunction, inputOf(partition, batch)));
    for (const { queues } of answers) {
      for (const [queue, messages] of Object.entries(queues)) for (const text of messages) this.#enqueue(queue, text);
    }
  }

  #enqueue(queue: string, text: string): void {
    const number = Number([...this.#queues.keys()].at(-1) ?? 0) + 1;
    this.#queues.set(String(number), { queue, text });
    this.#options.log(`function app: a message lies in ${queue}`);
  }

  /** Until something has come; where a time is given, until that is over. In any case until the host is closed. */
  #asleep(milliseconds?: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      if (milliseconds === undefined) {
        this.#wakes.push(resolve);
        return;
      }
      const end = () => {
        cancel();
        this.#endings.delete(end);
        resolve();
      };
      const cancel = this.#options.clock.after(milliseconds, end);
      this.#endings.add(end);
    });
  }

  #wake(): void {
    for (const wake of this.#wakes.splice(0)) wake();
    if (this.#closed) for (const end of this.#endings) end();
  }
}

/** As the Event Hubs extension hands a batch over, where the app wants bytes. */
function inputOf(partition: number, batch: readonly FeedRecord[]) {
  const each = <T>(read: (record: FeedRecord) => T) => batch.map(read);
  return {
    kind: 'events' as const,
    bodies: each(({ body }) => new Uint8Array(body)),
    metadata: {
      PartitionContext: { PartitionId: String(partition), ConsumerGroup: 'fleetloom' },
      SequenceNumberArray: each(({ sequence }) => sequence),
      OffsetArray: each(({ offset }) => offset),
      EnqueuedTimeUtcArray: each(({ enqueuedAt }) => new Date(enqueuedAt).toISOString()),
      PropertiesArray: each(({ properties }) => properties),
      SystemPropertiesArray: each(({ systemProperties }) => systemProperties),
    },
  };
}
