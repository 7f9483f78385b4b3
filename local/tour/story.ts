import { commandSteps } from './chapters/commands.ts';
import { lifeSteps } from './chapters/life.ts';
import { provisioningSteps } from './chapters/provisioning.ts';
import { reportSteps } from './chapters/reports.ts';
import { twinSteps } from './chapters/twins.ts';
import type { Step } from './journey.ts';

/** The whole story, in order: each step may stand on the ones before it. */
export const story: readonly Step[] = [
  ...provisioningSteps,
  ...reportSteps,
  ...twinSteps,
  ...commandSteps,
  ...lifeSteps,
];
