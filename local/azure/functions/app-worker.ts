// The Node.js worker of Azure Functions inside a thread. It is transformed once, on its own, so it imports nothing of ours but
// types. It gives the app the module `@azure/functions-core` as the service's own worker does, so that the real
// `@azure/functions` registers and converts as it would there.
import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { AppAnswer, AppCall, AppClock, AppReport, AppStart, RegisteredFunction } from './app-messages.ts';

/** RpcTypedData of the host's protocol, as far as it is used. */
interface Typed {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] };
  readonly http?: {
    readonly statusCode?: string;
    readonly url?: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Typed | null;
  };
}

interface Binding {
  readonly type: string;
  readonly direction: 'in' | 'out';
  readonly queueName?: string;
}

interface Metadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: {
    readonly maxRetryCount: number;
    readonly minimumInterval?: { readonly seconds: number };
    readonly maximumInterval?: { readonly seconds: number };
  };
}

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: unknown): Promise<unknown>;
  getResponse(
    context: unknown,
    result: unknown,
  ): Promise<{ outputData?: readonly { name: string; data: Typed }[]; returnValue?: Typed | null }>;
}

interface ProgrammingModel {
  getInvocationModel(context: object): InvocationModel;
}

const start: AppStart = workerData;
const RealDate = Date;
const registered = new Map<string, { readonly metadata: Metadata; readonly handler: unknown }>();
let model: ProgrammingModel | undefined;
let ahead = 0;

function report(message: AppReport): void {
  parentPort?.postMessage(message);
}

const log = (level: string, _category: string, message: string): void => report({ kind: 'log', level, message });

const core = {
  version: '3.12.0',
  hostVersion: '4.1040.0',
  log,
  setProgrammingModel(given: ProgrammingModel) {
    model = given;
  },
  registerFunction(metadata: Metadata, handler: unknown) {
    registered.set(metadata.name, { metadata, handler });
    return { dispose: () => registered.delete(metadata.name) };
  },
  registerHook: () => ({ dispose: () => undefined }),
};

/** What the app knows as `Date`: this machine's time, moved as the local cloud's is. */
function movedDate(): DateConstructor {
  const now = () => RealDate.now() + ahead;
  return new Proxy(RealDate, {
    construct: (target, given, asked) => Reflect.construct(target, given.length === 0 ? [now()] : given, asked),
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
}

function load(): void {
  const require = Module.prototype.require;
  Object.assign(Module.prototype, {
    require(this: unknown, id: string) {
      return id === '@azure/functions-core' ? core : Reflect.apply(require, this, [id]);
    },
  });
  const { main }: { main: string } = JSON.parse(readFileSync(join(start.directory, 'package.json'), 'utf8'));
  createRequire(import.meta.url)(join(start.directory, main));
}

function described({ name, bindings, retryOptions: retry }: Metadata): RegisteredFunction {
  const trigger = Object.values(bindings).find(({ type }) => type.endsWith('Trigger'))?.type ?? '';
  if (retry === undefined) return { name, trigger, retry };
  const minimum = retry.minimumInterval?.seconds ?? 1;
  const maximum = retry.maximumInterval?.seconds ?? minimum;
  return { name, trigger, retry: { most: retry.maxRetryCount, minimum, maximum } };
}

async function invoked({ functionName, invocationId, input }: AppCall): Promise<AppAnswer> {
  const target = registered.get(functionName);
  if (target === undefined || model === undefined) throw new Error(`The app has no function ${functionName}`);
  const { metadata, handler } = target;
  const [name] = Object.entries(metadata.bindings).find(([, { type }]) => type.endsWith('Trigger')) ?? [];
  const request = { invocationId, inputData: [{ name, data: typed(input) }], triggerMetadata: metadataOf(input) };
  const invocation = model.getInvocationModel({ ...{ invocationId, metadata, request, log }, state: 'invocation' });
  const { context, inputs } = await invocation.getArguments();
  const result = await invocation.invokeFunction(context, inputs, handler);
  const { outputData = [], returnValue } = await invocation.getResponse(context, result);
  const queues = outputData.map(({ name: output, data }) => [
    metadata.bindings[output]?.queueName ?? output,
    texts(data),
  ]);
  return { http: httpOf(returnValue), queues: Object.fromEntries(queues) };
}

function typed(input: AppCall['input']): Typed {
  if (input.kind === 'events') return { collectionBytes: { bytes: input.bodies } };
  const headers = { 'content-type': 'application/json' };
  return { http: { url: input.url, method: 'POST', headers, body: { bytes: Buffer.from(input.body) } } };
}

function metadataOf(input: AppCall['input']): Record<string, Typed> {
  if (input.kind === 'http') return {};
  return Object.fromEntries(
    Object.entries(input.metadata).map(([key, value]) => [key, { json: JSON.stringify(value) }]),
  );
}

/** A list that is set on a queue is one message an entry. */
function texts({ string, json }: Typed): string[] {
  if (string !== undefined) return [string];
  const value: unknown = JSON.parse(json ?? 'null');
  return (Array.isArray(value) ? value : [value]).map((each) =>
    typeof each === 'string' ? each : JSON.stringify(each),
  );
}

function httpOf(value: Typed | null | undefined): AppAnswer['http'] {
  if (value?.http === undefined) return undefined;
  const { statusCode, body } = value.http;
  return { status: Number(statusCode), body: body?.string ?? Buffer.from(body?.bytes ?? []).toString('utf8') };
}

async function serve(call: AppCall): Promise<void> {
  const { invocationId } = call;
  try {
    report({ kind: 'answer', invocationId, answer: await invoked(call) });
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report({ kind: 'failure', invocationId, message });
  }
}

Object.assign(globalThis, { Date: movedDate() });
load();
parentPort?.on('message', (message: AppCall | AppClock) => {
  ahead = message.ahead;
  if ('invocationId' in message) void serve(message);
});
report({ kind: 'loaded', functions: [...registered.values()].map(({ metadata }) => described(metadata)) });
