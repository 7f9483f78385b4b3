import { repository } from '#local/assembly.ts';
import { UsageError } from '#local/options.ts';
import { askForTraces, NoAnswer } from './ask.ts';
import type { TraceRecord } from './hop-record.ts';
import { parseTraceOptions, type TraceOptions, traceHelp } from './options.ts';
import { styleFor } from './style.ts';
import { timeline } from './timeline.ts';

const followEveryMs = 1000;
/** A trace may grow between two looks; so many are looked at again. */
const followed = 100;

/** `npm run trace -- <vehicle, request or trace>` */
async function main(): Promise<void> {
  const options = parseTraceOptions(process.argv.slice(2), repository);
  if (options === 'help') {
    process.stdout.write(traceHelp);
    return;
  }
  const { id, last, stateDirectory, follow } = options;
  const traces = await askForTraces(stateDirectory, id, last);
  if (traces.length === 0 && !follow) throw new NoAnswer(nothing(id));
  const told = new Map<string, number>();
  tell(traces, told, options);
  while (follow) {
    await new Promise((resolve) => setTimeout(resolve, followEveryMs));
    tell(await askForTraces(stateDirectory, id, followed), told, options, traces.at(-1)?.startedAt);
  }
}

/** The oldest first, so that the newest stands above the prompt; of what was told already, what has come since. */
function tell(
  traces: readonly TraceRecord[],
  told: Map<string, number>,
  { json }: TraceOptions,
  since = Number.NEGATIVE_INFINITY,
): void {
  const style = styleFor(process.stdout, process.env);
  const width = process.stdout.columns ?? 160;
  for (const trace of [...traces].reverse()) {
    const skip = told.get(trace.traceId) ?? 0;
    if (trace.startedAt < since || skip === trace.hops.length) continue;
    told.set(trace.traceId, trace.hops.length);
    const lines = json ? [JSON.stringify(trace)] : [...timeline(trace, { style, width, skip }), ''];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

function nothing(id: string | undefined): string {
  return (
    `Nothing is recorded ${id === undefined ? 'yet' : `for ${id}`}. A cloud remembers its last messages only; ` +
    'started with `npm start -- --trace` it remembers 20,000 hops, also over a restart.'
  );
}

main().catch((error: unknown) => {
  const expected = error instanceof UsageError || error instanceof NoAnswer;
  const text = expected || !(error instanceof Error) ? String(error).replace(/^\w*Error: /, '') : error.stack;
  process.stderr.write(`${expected ? 'Error: ' : ''}${text}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
