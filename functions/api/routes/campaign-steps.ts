import type { Caller } from '#shared/access/caller.ts';
import type { Scope } from '#shared/access/scopes.ts';
import type { Campaign, CampaignStatus } from '#shared/ota/campaigns/campaign.ts';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { ProblemCode } from '../problem-catalogue.ts';
import { noBody, noHeaders, noQuery } from '../route.ts';
import type { VehicleServices } from '../services.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import { campaignExample, campaignSchema, onePath, tag, viewOf } from './campaign-view.ts';

type Taken = Campaign & { readonly collidesWith?: CampaignId };

interface Step {
  readonly verb: 'estimate' | 'approve' | 'start' | 'pause' | 'resume' | 'stop' | 'cancel' | 'close';
  readonly summary: string;
  readonly description: string;
  readonly scope: Scope;
  readonly code: 200 | 202;
  readonly status: CampaignStatus;
  readonly problems: readonly ProblemCode[];
  take(services: VehicleServices, caller: Caller, campaignId: CampaignId): Promise<Taken>;
}

const notDraft = ['campaign-running', 'campaign-paused', 'campaign-stopped', 'campaign-closed'] as const;
const notBegun = ['campaign-draft', 'campaign-approved'] as const;

const steps: readonly Step[] = [
  {
    ...{ verb: 'estimate', scope: 'manage_campaigns', code: 202, status: 'draft' },
    summary: 'Count whom a campaign would reach',
    description:
      'The campaign carries the `estimate` as soon as the fleet is counted. `collidesWith` names at once the campaign beside which it could not be started.',
    problems: ['campaign-begun'],
    take: ({ campaigns }, caller, campaignId) => campaigns.estimate(caller, campaignId),
  },
  {
    ...{ verb: 'approve', scope: 'approve_campaigns', code: 200, status: 'approved' },
    summary: 'Approve what somebody else has drafted',
    description: 'Two have to, each with a token of their own. Approving again changes nothing.',
    problems: ['own-campaign', 'release-not-approved', 'campaign-cancelled', ...notDraft],
    take: ({ campaigns }, caller, campaignId) => campaigns.approve(caller, campaignId),
  },
  {
    ...{ verb: 'start', scope: 'manage_campaigns', code: 200, status: 'running' },
    summary: 'Start an approved campaign',
    description: 'Its vehicles are enlisted by one look at the registry, and offered the update at its rate.',
    problems: [
      ...(['campaign-not-approved', 'campaign-not-estimated', 'campaign-targets-nobody', 'campaigns-collide'] as const),
      ...(['campaign-over', 'release-not-approved', 'campaign-cancelled', ...notDraft] as const),
    ],
    take: ({ campaigns }, caller, campaignId) => campaigns.start(caller, campaignId),
  },
  {
    ...{ verb: 'pause', scope: 'manage_campaigns', code: 200, status: 'paused' },
    summary: 'Offer it to nobody more for now',
    description: 'What has begun goes on; what was accepted and has not begun waits.',
    problems: [...notBegun, 'campaign-stopped', 'campaign-closed', 'campaign-cancelled'],
    take: ({ campaigns }, caller, campaignId) => campaigns.pause(caller, campaignId),
  },
  {
    ...{ verb: 'resume', scope: 'manage_campaigns', code: 200, status: 'running' },
    summary: 'Go on after a pause or a stop',
    description: 'The rate begins anew: what was missed is not made up for.',
    problems: [...notBegun, 'campaign-closed', 'campaign-cancelled', 'release-not-approved'],
    take: ({ campaigns }, caller, campaignId) => campaigns.resume(caller, campaignId),
  },
  {
    ...{ verb: 'stop', scope: 'manage_campaigns', code: 200, status: 'stopped' },
    summary: 'Emergency: nothing more begins to be installed, anywhere',
    description:
      'At once, for all vehicles: none gets metadata or images any more, and none installs without metadata of the last ten minutes. What is being written is finished.',
    problems: [...notBegun, 'campaign-cancelled'],
    take: ({ campaigns }, caller, campaignId) => campaigns.stop(caller, campaignId),
  },
  {
    ...{ verb: 'cancel', scope: 'manage_campaigns', code: 200, status: 'cancelled' },
    summary: 'Take a campaign back, for good',
    description: 'Every offer goes, and what was accepted; what is being installed is finished.',
    problems: [],
    take: ({ campaigns }, caller, campaignId) => campaigns.cancel(caller, campaignId),
  },
  {
    ...{ verb: 'close', scope: 'manage_campaigns', code: 200, status: 'closed' },
    summary: 'End a campaign',
    description: 'Nobody more is offered it; what was offered may still be accepted, and who asks still gets it.',
    problems: [...notBegun, 'campaign-stopped', 'campaign-cancelled'],
    take: ({ campaigns }, caller, campaignId) => campaigns.close(caller, campaignId),
  },
];

export const campaignStepRoutes: readonly VehicleRoute[] = steps.map(
  ({ verb, summary, description, scope, code, status, problems, take }) =>
    route({
      ...{ method: 'POST', path: `/v1/campaigns/{campaignId}/${verb}`, operationId: `${verb}Campaign`, tag },
      ...{ summary, description, scopes: [scope], audit: `campaign.${verb}` },
      pathSchema: onePath,
      querySchema: noQuery,
      headerSchema: noHeaders,
      body: noBody,
      replies: {
        [code]: {
          description: 'The campaign as it is now',
          schema: campaignSchema,
          example: { ...campaignExample, status },
        },
      },
      problems: ['campaign-not-found', 'contended', ...problems],
      async permit({ path: { campaignId }, caller }, services) {
        await services.campaigns.require(caller, campaignId);
      },
      async handle({ path: { campaignId }, caller }, services) {
        const { collidesWith, ...campaign } = await take(services, caller, campaignId);
        return { status: code, body: { ...viewOf(campaign), ...(collidesWith !== undefined && { collidesWith }) } };
      },
    }),
);
