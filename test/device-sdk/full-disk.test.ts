import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { RecordLog } from '#device-sdk/record-log.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { temporaryDirectory } from './test-cloud.ts';

const script = fileURLToPath(new URL('./full-disk-victim.ts', import.meta.url));
/** 2048 blocks of 512 bytes; a write that goes beyond takes what fits, and only the next one fails. */
const bounded = 'trap "" XFSZ; ulimit -f 2048; exec "$@"';

test('where room runs out in the middle of a write, that write fails alone: nothing before or after is harmed', () => {
  const directory = temporaryDirectory();
  const victim = [process.execPath, '--import', 'tsx', script, directory];
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', bounded, 'sh', ...victim], { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['EFBIG\nEFBIG\nEFBIG\n', '']);
  expect(openStorage(directory).read('identity')).toBe('the key');
  const { log, records } = RecordLog.open(join(directory, 'records.log'));
  log.close();
  expect(records.map((record) => String(record).trim())).toEqual(['large', 'small']);
});
