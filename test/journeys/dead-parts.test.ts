import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cloudAssembly } from '#local/assembly.ts';
import { eventually } from '#local/tour/telling.ts';
import { CloudProcess, freePortBase, isAlive } from '../support/cloud-process.ts';
import { startTimeout } from '../support/journey-cloud.ts';

const directory = mkdtempSync(join(tmpdir(), 'fleetloom-dead-parts-'));
let cloud: CloudProcess;

beforeAll(() => cloudAssembly(() => {}), startTimeout);

afterAll(async () => {
  await cloud.end('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

test(
  'a cloud without its simulator says so and goes on; without its tables it ends, and takes everything with it',
  async () => {
    cloud = new CloudProcess(directory, await freePortBase(), 1);
    await cloud.ready();

    process.kill(member('simulator'), 'SIGKILL');
    await eventually(
      'word of the simulator',
      () => cloud.output.includes('The simulator ended (SIGKILL)'),
      (said) => said,
    );
    expect(cloud.ended).toBe(false);

    const family = cloud.family();
    process.kill(member('dynoxide'), 'SIGKILL');
    await eventually(
      'the end',
      () => cloud.ended,
      (ended) => ended,
    );
    expect(cloud.child.exitCode).toBe(1);
    expect(cloud.output).toContain('The DynamoDB engine ended (SIGKILL)');
    expect(existsSync(cloud.file)).toBe(false);
    await eventually(
      'no process left',
      () => family.filter(isAlive),
      (alive) => alive.length === 0,
    );
  },
  startTimeout,
);

/** Not the shell that watches over the engine: that one names it further behind. */
function member(program: string): number {
  const named = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, 4).join(' ');
  const found = cloud.family().find((pid) => named(pid).includes(program));
  if (found === undefined) throw new Error(`There is no ${program} in the family.`);
  return found;
}
