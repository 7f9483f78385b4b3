import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterThisFile } from '../../support/tidying.ts';

export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-s3-'));
  afterThisFile(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
