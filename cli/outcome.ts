/** What the command line is told by an exit code; documented in `fleetloom --help` and docs/cli.md. */
export const exitCodes = {
  done: 0,
  /** Of ours, or of the network: the same again may help. */
  fault: 1,
  /** What was typed, or what stands in a file. */
  usage: 2,
  /** The platform refuses it; the problem says why. */
  refused: 3,
  /** It was done, and what came of it is not what anybody wants: a plan for no vehicle, a campaign that was cancelled. */
  unwanted: 4,
  /** Somebody pressed Ctrl-C, as shells have it: 128 + SIGINT. */
  interrupted: 130,
} as const;

export class CommandFailure extends Error {
  readonly exitCode: number;
  /** For `--json`, beside the message. */
  readonly details: object;

  constructor(exitCode: number, message: string, details: object = {}) {
    super(message);
    this.exitCode = exitCode;
    this.details = details;
  }
}

export function wrongUse(message: string): CommandFailure {
  return new CommandFailure(exitCodes.usage, message);
}

/** Where commands write. */
export interface Terminal {
  readonly json: boolean;
  /** One result: an object for programs, or lines for people. */
  result(value: object, lines: readonly string[]): void;
  /** What goes on meanwhile; not part of the result. */
  note(line: string): void;
}

export function terminal(json: boolean): Terminal {
  return {
    json,
    result: (value, lines) => void process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`),
    note: (line) => void (json || process.stderr.write(`${line}\n`)),
  };
}
