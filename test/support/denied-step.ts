import { rmSync } from 'node:fs';
import { expect } from 'vitest';
import type { Journey, Step } from '#local/tour/journey.ts';
import { eventually } from '#local/tour/telling.ts';
import { type JourneyCloud, openCloud } from './journey-cloud.ts';
import { assemblyWith, type Template } from './other-assembly.ts';

/** What is taken out of the template, the step that cannot do without, and how the cloud says so. */
export interface Loss {
  readonly what: string;
  readonly change: (template: Template) => void;
  readonly step: Step;
  readonly evidence: RegExp;
}

/** A step of the story, by how its title begins. */
export function stepOf(steps: readonly Step[], begin: string): Step {
  const found = steps.find(({ title }) => title.startsWith(begin));
  if (found === undefined) throw new Error(`No step of the story begins with "${begin}"`);
  return found;
}

/** Each step fails on one cloud that lacks it all, and the cloud says what was missing. A start costs seconds. */
export async function failing(losses: readonly Loss[], before?: (journey: Journey) => Promise<unknown>): Promise<void> {
  const assemblyDirectory = await assemblyWith((template) => {
    for (const { change } of losses) change(template);
  });
  const home = await openCloud({ assemblyDirectory });
  try {
    await before?.(home.journey);
    for (const loss of losses) await missed(home, loss);
  } finally {
    await home.close();
    rmSync(assemblyDirectory, { recursive: true, force: true });
  }
}

async function missed({ journey, log }: JourneyCloud, { what, step, evidence }: Loss): Promise<void> {
  const errors: string[] = [];
  const outcome = step.run(journey).then(
    () => 'held',
    (error: unknown) => {
      errors.push(String(error));
      return 'failed';
    },
  );
  const denied = eventually(
    `${evidence} in the log`,
    () => [...log, ...errors],
    (said) => said.some((line) => evidence.test(line)),
    20_000,
  );
  // What is denied once stays denied: nobody waits for the step to lose its patience.
  expect(await Promise.race([outcome, denied.then(() => 'denied')]), what).not.toBe('held');
  await denied;
}
