import { lockDirectory } from '#device-sdk/directory-lock.ts';

/**
 * One cloud at a time keeps its state in a directory.
 *
 * @returns what gives the directory free
 * @throws DirectoryInUse naming the process that has the directory
 */
export function lockStateDirectory(directory: string, pid?: number): () => void {
  const explained = (holder: string) =>
    `Process ${holder} runs a cloud in ${directory} already. Stop it first, or give this one a directory and ports ` +
    'of its own: --state DIR --port-base N.';
  return lockDirectory(directory, explained, pid);
}
