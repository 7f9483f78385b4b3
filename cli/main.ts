import { CommanderError } from 'commander';
import { CommandFailure, exitCodes } from './outcome.ts';
import { fleetloom } from './program.ts';

const isForPrograms = process.argv.includes('--json');

// Whoever reads the pipe may have had enough.
process.stdout.on('error', () => process.exit());

try {
  await fleetloom(isForPrograms).parseAsync();
} catch (error) {
  const failure = failureOf(error);
  process.exitCode = report(failure);
  // Nothing that is still on its way is waited for.
  if (failure?.exitCode === exitCodes.interrupted) process.exit();
}

/** Undefined where nothing is wrong: help was asked for. */
function failureOf(error: unknown): CommandFailure | undefined {
  if (error instanceof CommandFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof CommanderError)) return new CommandFailure(exitCodes.fault, message);
  return error.exitCode === 0 ? undefined : new CommandFailure(exitCodes.usage, message);
}

function report(failure: CommandFailure | undefined): number {
  if (failure === undefined) return exitCodes.done;
  const { message, exitCode, details } = failure;
  const isTold = message.startsWith('error: ') || message === '(outputHelp)';
  if (isForPrograms) {
    const error = message.replace(/^error: /, '');
    process.stderr.write(`${JSON.stringify({ error, exitCode, ...details })}\n`);
  } else if (!isTold) process.stderr.write(exitCode === exitCodes.interrupted ? `${message}\n` : `Error: ${message}\n`);
  return exitCode;
}
