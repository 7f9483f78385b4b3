import { rmSync } from 'node:fs';
import { expect } from 'vitest';
import type { Journey, Step } from '#local/tour/journey.ts';
import { eventually } from '#local/tour/telling.ts';
import { openCloud } from './journey-cloud.ts';
import { assemblyWith, type Template } from './other-assembly.ts';

/** A step of the story, by how its title begins. */
export function stepOf(steps: readonly Step[], begin: string): Step {
  const found = steps.find(({ title }) => title.startsWith(begin));
  if (found === undefined) throw new Error(`No step of the story begins with "${begin}"`);
  return found;
}

/** A step fails on a cloud whose template lacks something, and the log says what was missing. */
export async function failing(
  change: (template: Template) => void,
  step: Step,
  evidence: RegExp,
  before?: (journey: Journey) => Promise<unknown>,
): Promise<void> {
  const assemblyDirectory = await assemblyWith(change);
  const home = await openCloud({ assemblyDirectory });
  try {
    await before?.(home.journey);
    const outcome = step.run(home.journey).then(
      () => 'held',
      () => 'failed',
    );
    const denied = eventually(
      `${evidence} in the log`,
      () => home.log,
      (log) => log.some((line) => evidence.test(line)),
      20_000,
    );
    // What is denied once stays denied: nobody waits for the step to lose its patience.
    expect(await Promise.race([outcome, denied.then(() => 'denied')])).not.toBe('held');
    await denied;
  } finally {
    await home.close();
    rmSync(assemblyDirectory, { recursive: true, force: true });
  }
}
