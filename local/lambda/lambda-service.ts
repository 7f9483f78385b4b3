import { randomUUID } from 'node:crypto';
import { AwsError } from '#local/aws-error.ts';
import { type LocalClock, systemClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { State } from '#local/state/collection.ts';
import { hop, outcome } from '#local/trace/context.ts';
import type { Tracing } from '#local/trace/traces.ts';
import { DeployedFunction } from './deployed-function.ts';
import type { QueueMessage } from './destination-record.ts';
import { defaultEventInvokeConfig, type EventInvokeConfig } from './event-invoke-config.ts';
import { EventQueue, type PendingEvent } from './event-queue.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { type FunctionPermission, functionNameOf, permits } from './function-permission.ts';
import type { InvocationResult, InvocationSource, LambdaInvoker } from './invoker.ts';
import { RestingWorkers } from './resting-workers.ts';
import type { RoleKey } from './worker-environment.ts';
import { workerProgram } from './worker-program.ts';

const maximumRequestBytes = 6_291_556;
const maximumEventBytes = 1_048_576;
/** Functions that have a worker though nobody has called them for a while. */
const warmFunctions = 8;

export interface LambdaOptions {
  readonly accountId: string;
  readonly clock: LocalClock;
  /** By which warm functions cool down. Default: this machine's, so that a leap in time costs no start of each of them. */
  readonly idleClock?: LocalClock;
  readonly faults: Faults;
  readonly tracing?: Tracing;
  readonly state: State;
  readonly log: (line: string) => void;
  /** The gateway's address, asked for when a worker starts. */
  endpoint(): string;
  /** Beside it, how functions find other clouds on this machine; asked for when a worker starts. */
  elsewhere?(): Readonly<Record<string, string>>;
  readonly roles: {
    /** An access key of the role, for a function that runs as it. */
    issueKey(roleArn: string): RoleKey;
    /** Whether the role's trust policy lets the service take it. */
    canAssume(roleArn: string, servicePrincipal: string): boolean;
  };
  /** Failure destinations and dead-letter queues; checks the role's `sqs:SendMessage` and throws without it. */
  sendToQueue(roleArn: string, message: QueueMessage): Promise<void> | void;
  readonly retryDelays?: readonly [number, number];
}

/** Runs the functions of the template. Start it with `LambdaService.open`. */
export class LambdaService implements LambdaInvoker {
  readonly #options: LambdaOptions;
  readonly #program: string;
  readonly #functions = new Map<string, DeployedFunction>();
  readonly #resting = new RestingWorkers(warmFunctions);
  readonly #configs = new Map<string, EventInvokeConfig>();
  readonly #events: EventQueue;

  static async open(options: LambdaOptions): Promise<LambdaService> {
    // Functions live in UTC, and a worker has the time zone of its process whatever its environment says.
    process.env['TZ'] = 'UTC';
    return new LambdaService(options, await workerProgram(options.state.directory));
  }

  private constructor(options: LambdaOptions, program: string) {
    this.#options = options;
    this.#program = program;
    this.#events = new EventQueue({
      events: options.state.collection<PendingEvent>('lambda/events'),
      clock: options.clock,
      log: options.log,
      tracing: options.tracing,
      retryDelays: options.retryDelays ?? [60_000, 120_000],
      target: (name) => this.#eventTarget(name),
      send: (roleArn, message) => options.sendToQueue(roleArn, message),
    });
  }

  /** Makes the function known. The trust policy of its role must admit Lambda. */
  deploy(definition: FunctionDefinition): void {
    const { clock, idleClock = systemClock, log, roles, state } = this.#options;
    if (!roles.canAssume(definition.roleArn, 'lambda.amazonaws.com')) {
      throw new Error(
        `${definition.name}: the trust policy of ${definition.roleArn} does not admit lambda.amazonaws.com`,
      );
    }
    if (this.#functions.has(definition.name)) throw new Error(`A function ${definition.name} exists already`);
    const surroundings = {
      clock,
      idleClock,
      log,
      stateDirectory: state.directory,
      resting: this.#resting,
      program: () => this.#program,
      endpoint: () => this.#options.endpoint(),
      elsewhere: () => this.#options.elsewhere?.() ?? {},
      key: (roleArn: string) => roles.issueKey(roleArn),
    };
    this.#functions.set(definition.name, new DeployedFunction(definition, surroundings));
  }

  permit(permission: FunctionPermission): void {
    this.find(permission.functionName).permissions.push(permission);
  }

  configureEvents(functionName: string, config: EventInvokeConfig): void {
    this.find(functionName);
    this.#configs.set(functionName, config);
  }

  /** Takes up the asynchronous events that a former process left. Call it when the template is in place. */
  resume(): void {
    this.#events.resume();
  }

  /** Asynchronous events that have not come to their end. */
  get pendingEvents(): number {
    return this.#events.size;
  }

  functions(): DeployedFunction[] {
    return [...this.#functions.values()];
  }

  /** By name or ARN. */
  find(reference: string): DeployedFunction {
    const found = this.#functions.get(functionNameOf(reference));
    if (found === undefined) {
      throw new AwsError('ResourceNotFoundException', 404, `Function not found: ${reference}`, { Type: 'User' });
    }
    return found;
  }

  async invoke(functionArn: string, event: unknown, source: InvocationSource): Promise<InvocationResult> {
    return this.invokeAs(this.#admit(functionArn, source), JSON.stringify(event ?? null), randomUUID());
  }

  async invokeLater(functionArn: string, event: unknown, source: InvocationSource): Promise<void> {
    this.acceptLater(this.#admit(functionArn, source), JSON.stringify(event ?? null));
  }

  /** For a caller whose right was checked already. */
  async invokeAs(target: DeployedFunction, payload: string, requestId: string): Promise<InvocationResult> {
    checkSize(payload, maximumRequestBytes);
    const result = await this.#run(target, payload, requestId);
    if (result === undefined) {
      throw new AwsError('TooManyRequestsException', 429, 'Rate Exceeded.', {
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      });
    }
    return result;
  }

  /** For a caller whose right was checked already. Returns the request id. */
  acceptLater(target: DeployedFunction, payload: string, requestId: string = randomUUID()): string {
    checkSize(payload, maximumEventBytes);
    this.#events.accept(requestId, target.definition.name, payload);
    return requestId;
  }

  async close(): Promise<void> {
    this.#events.close();
    await Promise.all(this.functions().map((each) => each.close()));
  }

  #admit(functionArn: string, source: InvocationSource): DeployedFunction {
    const target = this.find(functionArn);
    if (permits(target.permissions, source, this.#options.accountId)) return target;
    const caller = source.kind === 'service' ? `${source.principal} (${source.sourceArn})` : source.eventSourceArn;
    throw new AwsError(
      'AccessDeniedException',
      403,
      `${caller} is not authorized to perform: lambda:InvokeFunction on resource: ${target.definition.arn}` +
        ' because no resource-based policy allows the lambda:InvokeFunction action',
    );
  }

  /** Undefined: reserved concurrency is used up. */
  #run(target: DeployedFunction, payload: string, requestId: string): Promise<InvocationResult | undefined> {
    return hop({ kind: 'function', label: target.definition.name, requests: [requestId] }, async () => {
      const result = await this.#perform(target, payload, requestId);
      if (result === undefined) outcome('refused: throttled');
      else if (result.kind === 'failed') outcome(`failed: ${result.errorType}`);
      return result;
    });
  }

  async #perform(target: DeployedFunction, payload: string, requestId: string): Promise<InvocationResult | undefined> {
    const fate = await this.#options.faults.at('function', target.definition.name);
    switch (fate.kind) {
      case 'fail':
        if (fate.error.name === 'TooManyRequestsException') return undefined;
        return { kind: 'failed', errorType: fate.error.name, errorMessage: fate.error.message };
      case 'drop':
        // The event does not reach the function, which for the caller is an attempt that failed.
        return { kind: 'failed', errorType: 'Sandbox.Dropped', errorMessage: `RequestId: ${requestId} Error: dropped` };
      case 'duplicate':
        if (target.throttled) return undefined;
        await target.run(payload, requestId);
        return target.run(payload, requestId);
      case 'deliver':
        return target.throttled ? undefined : target.run(payload, requestId);
      case 'crash':
        return target.throttled ? undefined : target.run(payload, requestId, fate);
      default:
        if (fate.kind === 'hang' && fate.when === 'after') await target.run(payload, requestId);
        return this.#timedOut(target, requestId);
    }
  }

  /** By the local clock, so that a test need not wait; with everything that the function had done. */
  async #timedOut({ definition }: DeployedFunction, requestId: string): Promise<InvocationResult> {
    const { timeoutSeconds } = definition;
    await new Promise<void>((resolve) => {
      this.#options.clock.after(timeoutSeconds * 1000, resolve);
    });
    const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
    return { kind: 'failed', errorType: 'Sandbox.Timedout', errorMessage };
  }

  #eventTarget(name: string) {
    const found = this.#functions.get(name);
    if (found === undefined) return undefined;
    return {
      arn: found.definition.arn,
      roleArn: found.definition.roleArn,
      config: this.#configs.get(name) ?? defaultEventInvokeConfig,
      deadLetterArn: found.definition.deadLetterArn,
      run: (payload: string, requestId: string) => this.#run(found, payload, requestId),
    };
  }
}

function checkSize(payload: string, limit: number): void {
  const bytes = Buffer.byteLength(payload);
  if (bytes <= limit) return;
  const message = `${bytes} byte payload is too large for the function (limit ${limit} bytes)`;
  throw new AwsError('RequestTooLargeException', 413, message, { Type: 'User' });
}
