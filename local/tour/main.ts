import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudAssembly } from '#local/assembly.ts';
import { startCloud } from '#local/cloud.ts';
import { openCloudLog } from '#local/cloud-log.ts';
import { freePorts } from '#local/options.ts';
import { Journey } from './journey.ts';
import { story } from './story.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** `npm run tour`: the whole story on a cloud of its own, each step checked. */
async function tour(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-tour-'));
  const { log, file, close: closeLog } = openCloudLog(directory);
  const started = performance.now();
  const cloud = await startCloud({
    stateDirectory: directory,
    assemblyDirectory: await cloudAssembly(say),
    ports: freePorts,
    log,
  });
  const journey = new Journey(cloud.file, join(directory, 'tour-vehicles'));
  say(`\nA cloud of ${cloud.execution.resources.size} resources, from the template that would be deployed.\n`);
  let failed = false;
  for (const [index, { title, run }] of story.entries()) {
    const begun = performance.now();
    try {
      await Promise.race([run(journey), cloud.failure]);
      say(`  ✓ ${index + 1}. ${title} (${Math.round(performance.now() - begun)} ms)`);
    } catch (error) {
      failed = true;
      say(`  ✗ ${index + 1}. ${title}\n\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      say(`\nThe cloud's log: ${file}`);
      break; // The next steps stand on this one.
    }
  }
  await journey.end();
  await cloud.close();
  closeLog();
  if (failed) process.exitCode = 1;
  else {
    rmSync(directory, { recursive: true, force: true });
    say(`\nAll ${story.length} steps hold. ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  }
}

tour()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  })
  // Not left to the event loop: aws-crt's threads may still let go of it while it is torn down, and crash.
  .finally(() => process.exit());
