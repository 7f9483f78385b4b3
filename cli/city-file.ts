import { existsSync, readFileSync, statSync } from 'node:fs';
import { bodyFaults } from '#shared/kernel/input-faults.ts';
import { type CityFile, cityFile, cityFindings } from '#shared/sharing/setup/city-file.ts';
import { CommandFailure, exitCodes, wrongUse } from './outcome.ts';

/** @throws CommandFailure that lists everything that is wrong with it, by JSON pointers */
export function readCityFile(path: string): CityFile {
  if (!existsSync(path) || !statSync(path).isFile()) throw wrongUse(`There is no file ${path}.`);
  const parsed = cityFile.safeParse(jsonIn(path), { reportInput: true });
  if (!parsed.success) throw wrongFile(path, bodyFaults(parsed.error.issues));
  const findings = cityFindings(parsed.data);
  if (findings.length > 0) throw wrongFile(path, findings);
  return parsed.data;
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw wrongUse(`${path} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

interface Fault {
  readonly pointer: string;
  readonly detail: string;
  readonly code?: string;
}

function wrongFile(path: string, errors: readonly Fault[]): CommandFailure {
  const lines = errors.map(({ pointer, detail, code }) => {
    const name = code === undefined ? '' : ` (${code})`;
    return `  ${pointer === '' ? '/' : pointer}: ${detail}${name}`;
  });
  const head = `${path} is no city that could be set up; docs/sharing.md describes one:`;
  return new CommandFailure(exitCodes.usage, [head, ...lines].join('\n'), { errors });
}
