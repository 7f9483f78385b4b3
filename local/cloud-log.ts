import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** What the parts of the cloud have to say goes to `<state>/logs/cloud.log`, with the time in front. */
export function openCloudLog(stateDirectory: string): { log(line: string): void; file: string; close(): void } {
  const directory = join(stateDirectory, 'logs');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'cloud.log');
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  return {
    file,
    log: (line) => void stream.write(`${new Date().toISOString()} ${line.trimEnd()}\n`),
    close: () => stream.end(),
  };
}
