import { join } from 'node:path';
import { LogFile } from './state/log-file.ts';

export interface CloudLog {
  readonly file: string;
  readonly log: (line: string) => void;
  close(): void;
}

/** What the parts of the cloud have to say goes to `<state>/logs/cloud.log`, with the time in front. */
export function openCloudLog(stateDirectory: string): CloudLog {
  const file = join(stateDirectory, 'logs', 'cloud.log');
  const lines = new LogFile(file);
  return {
    file,
    log: (line) => lines.write(`${new Date().toISOString()} ${line.trimEnd()}`),
    close: () => lines.close(),
  };
}
