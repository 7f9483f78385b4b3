import { hop } from './context.ts';
import type { Tracing } from './traces.ts';

/** A call of an AWS SDK. */
export interface Call {
  /** As in the scope of its signature: `dynamodb`. */
  readonly service: string;
  readonly operation: string;
  /** `X-Amzn-Trace-Id`, with which an SDK inside a function says which invocation it belongs to. */
  readonly header: string | undefined;
}

/** They are hops by themselves: a table, a queue, an event, a topic or a shadow says more than the call. */
const ownHops: ReadonlySet<string> = new Set(['dynamodb', 'events', 'iotdata', 'sqs']);
/** How the local cloud itself is led. */
const levers: ReadonlySet<string> = new Set(['clock', 'faults', 'traces']);

/** Runs a call as a part of the function that makes it; one from outside begins a trace. */
export function tracedCall<T>(tracing: Tracing, { service, operation, header }: Call, run: () => T | Promise<T>) {
  if (levers.has(service)) return run();
  const place = { kind: 'call', label: `${service}:${operation}` } as const;
  if (!tracing.knows(header)) return tracing.begin(place, run, header);
  return tracing.within(header, () => (ownHops.has(service) ? run() : hop(place, run)));
}
