import { careSteps } from './chapters/care.ts';
import { certificateSteps } from './chapters/certificates.ts';
import { commandSteps } from './chapters/commands.ts';
import { erasureSteps } from './chapters/erasure.ts';
import { homeSteps } from './chapters/homes.ts';
import { lifeSteps } from './chapters/life.ts';
import { partnerSteps } from './chapters/partners.ts';
import { peopleSteps } from './chapters/people.ts';
import { provisioningSteps } from './chapters/provisioning.ts';
import { quotaSteps } from './chapters/quotas.ts';
import { reportSteps } from './chapters/reports.ts';
import { sharingSteps } from './chapters/sharing.ts';
import { traceSteps } from './chapters/traces.ts';
import { transferSteps } from './chapters/transfers.ts';
import { twinSteps } from './chapters/twins.ts';
import { updateSteps } from './chapters/updates.ts';
import { webhookSteps } from './chapters/webhooks.ts';
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
  { name: 'traces', begins: 'on the road', steps: traceSteps },
  { name: 'homes', begins: 'with nothing', steps: homeSteps },
  { name: 'people', begins: 'on the road', steps: peopleSteps },
  { name: 'certificates', begins: 'on the road', steps: certificateSteps },
  { name: 'transfers', begins: 'with nothing', steps: transferSteps },
  { name: 'quotas', begins: 'with nothing', steps: quotaSteps },
  { name: 'updates', begins: 'with nothing', steps: updateSteps },
  { name: 'sharing', begins: 'with nothing', steps: sharingSteps },
  { name: 'webhooks', begins: 'with nothing', steps: webhookSteps },
  { name: 'partners', begins: 'with nothing', steps: partnerSteps },
  { name: 'care', begins: 'with nothing', steps: careSteps },
  { name: 'life', begins: 'on the road', steps: lifeSteps },
  // Last: it lets more than an hour pass.
  { name: 'erasure', begins: 'with nothing', steps: erasureSteps },
];

/** The whole story, in order: each step may stand on the ones before it. */
export const story: readonly Step[] = chapters.flatMap(({ steps }) => steps);
