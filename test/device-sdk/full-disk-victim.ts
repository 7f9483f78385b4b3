/** Writes more than there is room for (the caller has bounded the size of a file to 1 MiB), then less again. */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { RecordLog } from '#device-sdk/record-log.ts';
import { openStorage } from '#device-sdk/storage.ts';

const [directory = ''] = process.argv.slice(2);
const storage = openStorage(directory);
const { log } = RecordLog.open(join(directory, 'records.log'));

storage.write('identity', 'the key');
log.append('large'.padEnd(900_000));
for (const write of [
  () => log.append('too large'.padEnd(300_000)),
  () => log.replace(['too large'.padEnd(2_000_000)]),
  () => storage.write('identity', 'another key'.padEnd(2_000_000)),
]) {
  try {
    write();
    writeSync(1, 'written\n');
  } catch (error) {
    writeSync(1, `${error instanceof Error && 'code' in error ? error.code : error}\n`);
  }
}
log.append('small');
log.close();
