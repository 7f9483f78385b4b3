// The runtime inside a worker thread. It is transformed once, on its own, so it imports nothing of ours but types.
import diagnostics from 'node:diagnostics_channel';
import { existsSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatWithOptions } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerCall, WorkerReport, WorkerStart } from './worker-messages.ts';

type Handler = (event: unknown, context: object) => unknown;

const start: WorkerStart = workerData;
const port = parentPort;
const RealDate = Date;
let requestId = '';
let ahead = 0;

function report(message: WorkerReport): void {
  port?.postMessage(message);
}

function failure(error: unknown, fatal: boolean, errorType?: string): WorkerReport {
  if (!(error instanceof Error)) {
    return { kind: 'failure', errorType: errorType ?? typeof error, errorMessage: String(error), trace: [], fatal };
  }
  const trace = (error.stack ?? '').split('\n');
  return { kind: 'failure', errorType: errorType ?? error.name, errorMessage: error.message, trace, fatal };
}

/** A line as Lambda writes it: with time, request and level. */
function write(level: string, values: readonly unknown[]): void {
  const message = formatWithOptions({ breakLength: Number.POSITIVE_INFINITY }, ...values);
  const timestamp = new Date().toISOString();
  const line =
    start.logFormat === 'JSON'
      ? JSON.stringify({ timestamp, level, requestId, message })
      : `${timestamp}\t${requestId}\t${level}\t${message.replaceAll('\n', '\r')}`;
  process.stdout.write(`${line}\n`);
}

function patchConsole(): void {
  const levels = { debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', trace: 'TRACE' };
  for (const [name, level] of Object.entries(levels)) {
    Object.assign(console, { [name]: (...values: unknown[]) => write(level, values) });
  }
}

/** What the function knows as `Date`: this machine's time, moved as the local cloud's is. */
function movedDate(): DateConstructor {
  const now = () => RealDate.now() + ahead;
  return new Proxy(RealDate, {
    construct: (target, given, asked) => Reflect.construct(target, given.length === 0 ? [now()] : given, asked),
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
}

/** The SDK warns of this machine's Node version at every cold start; the deployed function runs on another. */
function silenceVersionWarning(): void {
  const emitWarning = process.emitWarning.bind(process);
  const patched = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith('NodeVersionSupportWarning'))
      Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  Object.assign(process, { emitWarning: patched });
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

async function loadHandler(): Promise<Handler> {
  const dot = start.handler.lastIndexOf('.');
  const module = start.handler.slice(0, dot);
  const exported = start.handler.slice(dot + 1);
  const file = ['.js', '.mjs', '.cjs']
    .map((extension) => join(start.assetDirectory, module + extension))
    .find((candidate) => existsSync(candidate));
  if (file === undefined) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${module}'`);
  const loaded: Record<string, unknown> = await import(pathToFileURL(file).href);
  const defaults = loaded['default'];
  const handler =
    loaded[exported] ??
    (typeof defaults === 'object' && defaults !== null ? Reflect.get(defaults, exported) : undefined);
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${start.handler} is undefined or not exported`);
  }
  if (handler.length > 2) {
    throw named('Runtime.CallbackHandlerDeprecated', 'Callback handlers are gone from Node.js 24: return a promise.');
  }
  return handler as Handler;
}

function contextOf(call: WorkerCall): object {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: '$LATEST',
    functionName: start.functionName,
    memoryLimitInMB: String(start.memoryMegabytes),
    logGroupName: start.logGroup,
    logStreamName: start.logStream,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: call.functionArn,
    awsRequestId: call.requestId,
    getRemainingTimeInMillis: () => Math.max(0, call.deadline - RealDate.now()),
  };
}

function payloadOf(answer: unknown): string {
  try {
    return JSON.stringify(answer === undefined ? null : answer) ?? 'null';
  } catch {
    throw new Error('Unable to stringify response body');
  }
}

/** As if the machine had gone: nothing is said to anybody. */
function die(): never {
  process.exit(1);
}

/** The answer has arrived, so the call took effect; the function never gets to see it. */
function dieAtAnswer(calls: number, operation: string | undefined): void {
  let left = calls;
  diagnostics.subscribe('http.client.response.finish', (message) => {
    const { request, response }: { request?: ClientRequest; response?: IncomingMessage } = Object(message);
    const target = String(request?.getHeader('x-amz-target') ?? '');
    if ((response?.statusCode ?? 500) >= 300 || (operation !== undefined && !target.endsWith(`.${operation}`))) return;
    left -= 1;
    if (left === 0) die();
  });
}

async function serve(handler: Handler, call: WorkerCall): Promise<void> {
  requestId = call.requestId;
  ahead = call.ahead;
  process.env['_X_AMZN_TRACE_ID'] = call.traceHeader;
  const { crash } = call;
  if (crash?.when === 'before') die();
  if (crash?.when === 'after-effect') dieAtAnswer(crash.calls, crash.operation);
  try {
    const answer = await handler(JSON.parse(call.event), contextOf(call));
    if (crash !== undefined) die();
    report({ kind: 'answer', payload: payloadOf(answer) });
  } catch (error) {
    write('ERROR', ['Invoke Error', error]);
    report(failure(error, false));
  }
}

process.on('unhandledRejection', (reason) => report(failure(reason, true, 'Runtime.UnhandledPromiseRejection')));
process.on('uncaughtException', (error) => report(failure(error, true)));
Object.assign(globalThis, { Date: movedDate() });
patchConsole();
silenceVersionWarning();
try {
  const handler = await loadHandler();
  port?.on('message', (call: WorkerCall) => void serve(handler, call));
  report({ kind: 'loaded' });
} catch (error) {
  report(failure(error, true));
}
