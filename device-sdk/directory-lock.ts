import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Its name within the directory. */
export const lockName = 'lock';

/** Another process keeps its memory there. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

/**
 * One process at a time keeps its memory in a directory: two would overwrite each other's journals. The lock of
 * a process that is gone, however it ended, holds nobody up.
 *
 * @param explained what to tell the one that came too late
 * @returns what gives the directory free
 * @throws DirectoryInUse
 */
export function lockDirectory(
  directory: string,
  explained: (holder: string) => string,
  pid: number = process.pid,
): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, lockName);
  const holder = `${pid} ${beginOf(pid) ?? ''}\n`;
  for (;;) {
    try {
      writeFileSync(file, holder, { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const [other = '', begin = ''] = readFileSync(file, 'utf8').trim().split(' ');
    if (isSame(Number(other), begin)) throw new DirectoryInUse(explained(other));
    rmSync(file, { force: true });
  }
}

/** Process numbers are used again, after a restart of the machine or of a container first of all. */
function isSame(pid: number, begin: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  const known = beginOf(pid);
  if (known !== undefined) return begin === '' || begin === known;
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux'; // on Linux it is one that ended and that nobody took note of
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** When a running process began, in ticks since the machine did. Undefined where only the system's own tools say. */
function beginOf(pid: number): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...rest] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : rest[18];
  } catch {
    return undefined;
  }
}
