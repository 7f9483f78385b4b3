import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '#local/options.ts';
import { subjectOf } from './subject.ts';

export interface TraceOptions {
  /** A vehicle, a request or a trace; undefined: the newest of all. */
  readonly id: string | undefined;
  readonly last: number;
  readonly follow: boolean;
  readonly json: boolean;
  readonly stateDirectory: string;
}

export const traceHelp = `Fleetloom: one message's way through the local cloud, hop by hop

  npm run trace -- [ID] [options]

  ID           a vehicle           veh-… (its newest messages, and what was done with it)
               a request           the x-request-id or the apigw-requestid of an answer of the API
               a trace             1-…-…
               without it, the newest traces of all
  --last N     so many of the newest traces (1 to 100, default 3; 1 for a request or a trace)
  --follow     go on telling what comes, until Ctrl-C
  --json       a line of JSON a trace, for programs
  --state DIR  where the cloud keeps its state (default .local)
  --help       this text

Each line is a hop: ms since the message entered, ms that the hop took, what it is, and what AWS would meter for it;
where a batch serves several messages, the share of one. The running cloud remembers its last hops (some hundred
messages); one that was started with \`npm start -- --trace\` remembers 20,000, and keeps them on disk.
`;

/** @throws UsageError naming what is not understood and what is accepted */
export function parseTraceOptions(argv: readonly string[], directory: string): TraceOptions | 'help' {
  const { values, positionals } = parse(argv);
  if (values.help === true) return 'help';
  const [id, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`One id at a time, not ${positionals.length}: ${positionals.join(' ')}`);
  const subject = id === undefined ? undefined : subjectOf(id);
  if (id !== undefined && subject === undefined) {
    throw new UsageError(
      `"${id}" is no vehicle (veh- and 20 letters and digits), no request (the x-request-id of an answer of the API, ` +
        'as 5f2c1c9e-6f0c-4d6e-9a53-0d6f4d1c2b7a) and no trace (as 1-67404d20-5759e988bd862e3fe1be46a9).',
    );
  }
  const usual = subject === undefined || subject === 'vehicle' ? '3' : '1';
  return {
    id,
    last: wholeNumber(values.last ?? usual),
    follow: values.follow === true,
    json: values.json === true,
    stateDirectory: resolve(directory, values.state ?? '.local'),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        follow: { type: 'boolean', short: 'f' },
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean' },
        last: { type: 'string' },
        state: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new UsageError(`${traceHelp}\n${cause instanceof Error ? cause.message : cause}`);
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 100) return value;
  throw new UsageError(`--last takes a whole number from 1 to 100, not "${text}".`);
}
