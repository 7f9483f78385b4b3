import { commandSteps } from './chapters/commands.ts';
import { lifeSteps } from './chapters/life.ts';
import { provisioningSteps } from './chapters/provisioning.ts';
import { reportSteps } from './chapters/reports.ts';
import { twinSteps } from './chapters/twins.ts';
import type { Step } from './journey.ts';

/** A part of the story that stands on nothing but its beginning. */
export interface Chapter {
  readonly name: string;
  readonly begins: 'with nothing' | 'on the road';
  readonly steps: readonly Step[];
}

/** In order. Each after the first begins with the vehicle of the story registered, provisioned and connected. */
export const chapters: readonly Chapter[] = [
  { name: 'provisioning', begins: 'with nothing', steps: provisioningSteps },
  { name: 'reports', begins: 'on the road', steps: reportSteps },
  { name: 'twins', begins: 'on the road', steps: twinSteps },
  { name: 'commands', begins: 'on the road', steps: commandSteps },
  { name: 'life', begins: 'on the road', steps: lifeSteps },
];

/** The whole story, in order: each step may stand on the ones before it. */
export const story: readonly Step[] = chapters.flatMap(({ steps }) => steps);
