import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { LocalClock } from '#local/clock.ts';
import type { Crash } from '#local/faults/faults.ts';
import { LogFile } from '#local/state/log-file.ts';
import { consumed, currentSpan, noted } from '#local/trace/context.ts';
import { functionUnits } from '#local/trace/metering.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { FunctionPermission } from './function-permission.ts';
import { FunctionWorker } from './function-worker.ts';
import type { InvocationResult } from './invoker.ts';
import type { RestingWorkers } from './resting-workers.ts';
import { type RoleKey, workerEnvironment } from './worker-environment.ts';
import { WorkerPool } from './worker-pool.ts';

export interface Surroundings {
  readonly clock: LocalClock;
  readonly idleClock: LocalClock;
  readonly stateDirectory: string;
  readonly log: (line: string) => void;
  readonly resting: RestingWorkers;
  /** The runtime that a worker starts with. */
  program(): string;
  /** The AWS endpoint for SDK clients in functions. */
  endpoint(): string;
  /** Variables that lead to other clouds on this machine. */
  elsewhere(): Readonly<Record<string, string>>;
  key(roleArn: string): RoleKey;
}

/** A function of the template: its workers, its log, its resource policy. */
export class DeployedFunction {
  readonly definition: FunctionDefinition;
  readonly permissions: FunctionPermission[] = [];
  readonly #surroundings: Surroundings;
  readonly #log: LogFile;
  readonly #pool: WorkerPool;
  #key: RoleKey | undefined;

  constructor(definition: FunctionDefinition, surroundings: Surroundings) {
    this.definition = definition;
    this.#surroundings = surroundings;
    this.#log = new LogFile(join(surroundings.stateDirectory, 'logs', `${definition.name}.log`));
    this.#pool = new WorkerPool({
      clock: surroundings.idleClock,
      reservedConcurrency: definition.reservedConcurrency,
      resting: surroundings.resting,
      start: (onGone) => this.#startWorker(onGone),
    });
  }

  get throttled(): boolean {
    return this.#pool.exhausted;
  }

  get workers(): number {
    return this.#pool.size;
  }

  run(event: string, requestId: string, crash?: Crash): Promise<InvocationResult> {
    const call = { requestId, event, functionArn: this.definition.arn, ...(crash !== undefined && { crash }) };
    const ran = (milliseconds: number, waited: number) => {
      consumed(functionUnits(milliseconds, this.definition.memoryMegabytes));
      if (waited >= 1) noted(`waited ${Math.round(waited)} ms for a worker`);
    };
    return this.#pool.run({ ...call, traceHeader: this.#traceHeader(), ahead: ahead(this.#surroundings.clock) }, ran);
  }

  async close(): Promise<void> {
    await this.#pool.close();
    this.#log.close();
  }

  #startWorker(onGone: () => void): FunctionWorker {
    const { definition } = this;
    const { clock, elsewhere, endpoint, key, log, program } = this.#surroundings;
    this.#key ??= key(definition.roleArn);
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const logStream = `${day}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
    return new FunctionWorker({
      program: program(),
      start: {
        assetDirectory: definition.assetDirectory,
        handler: definition.handler,
        functionName: definition.name,
        memoryMegabytes: definition.memoryMegabytes,
        logGroup: definition.logGroup,
        logStream,
        logFormat: definition.logFormat,
      },
      environment: { ...elsewhere(), ...workerEnvironment(definition, this.#key, endpoint(), logStream) },
      timeoutSeconds: definition.timeoutSeconds,
      onLine: (line) => {
        this.#log.write(line);
        log(`${definition.name}: ${line}`);
      },
      onGone,
    });
  }

  #traceHeader(): string {
    const sampled = this.definition.tracing === 'Active' ? 1 : 0;
    const span = currentSpan();
    if (span !== undefined) return span.header(sampled === 1);
    const seconds = Math.floor(this.#surroundings.clock.now() / 1000).toString(16);
    const root = `1-${seconds}-${randomBytes(12).toString('hex')}`;
    return `Root=${root};Parent=${randomBytes(8).toString('hex')};Sampled=${sampled}`;
  }
}

/** Differences below a second are the time between two readings of one clock. */
function ahead(clock: LocalClock): number {
  const ms = clock.now() - Date.now();
  return Math.abs(ms) < 1000 ? 0 : ms;
}
