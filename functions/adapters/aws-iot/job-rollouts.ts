import { setTimeout } from 'node:timers/promises';
import {
  AddThingToThingGroupCommand,
  CancelJobCommand,
  CreateJobCommand,
  CreateThingGroupCommand,
  DeleteJobCommand,
  DeleteThingGroupCommand,
  DescribeJobCommand,
  InvalidRequestException,
  type IoTClient,
  type Job,
  RemoveThingFromThingGroupCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Rollouts, RolloutTerms } from '#shared/ota/campaigns/ports.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { campaignGroupName, campaignJobId, standingRollout } from '#shared/vehicle-cloud/topics.ts';
import type { UpdateJobDocument } from '#shared/vehicle-cloud/update-envelopes.ts';

/** AWS IoT takes 100 changes of memberships a second of an account. */
const betweenChanges = 10;

/** All campaigns that have closed have one rollout, which stands for good: AWS IoT limits how many there are. */
const standing = 'standing';

type Rollout = CampaignId | typeof standing;

/** A static thing group a campaign, and one continuous job for it: who joins is told to go. */
export class AwsIotRollouts implements Rollouts {
  readonly #client: IoTClient;
  readonly #stage: string;
  #nextTurn = 0;

  constructor(client: IoTClient, stage: string) {
    this.#client = client;
    this.#stage = stage;
  }

  async open(campaignId: CampaignId): Promise<void> {
    await this.#open(standing, { fleetloom: 'update' });
    await this.#open(campaignId, { fleetloom: 'update', campaignId });
  }

  async join(campaignId: CampaignId, thingName: VehicleId, { closed }: RolloutTerms): Promise<void> {
    await this.#turn();
    const thingGroupName = this.#groupOf(closed ? standing : campaignId);
    await this.#client.send(new AddThingToThingGroupCommand({ thingGroupName, thingName }));
  }

  async leave(campaignId: CampaignId, thingName: VehicleId, { closed }: RolloutTerms): Promise<void> {
    // It may have joined before the campaign closed. What it consents to next joins after this, in the stream's order.
    if (closed) await this.#leave(standing, thingName);
    await this.#leave(campaignId, thingName);
  }

  async #leave(rollout: Rollout, thingName: VehicleId): Promise<void> {
    await this.#turn();
    const thingGroupName = this.#groupOf(rollout);
    const removal = new RemoveThingFromThingGroupCommand({ thingGroupName, thingName });
    // A thing that is gone is in no group.
    await unless(this.#client.send(removal), ResourceNotFoundException);
  }

  async end(campaignId: CampaignId): Promise<void> {
    const jobId = campaignJobId(this.#stage, campaignId);
    // Unforced: what is in progress ends by itself. A job that is cancelled already cannot be once more.
    await unless(
      this.#client.send(new CancelJobCommand({ jobId })),
      InvalidRequestException,
      ResourceNotFoundException,
    );
  }

  async clear(campaignId: CampaignId): Promise<boolean> {
    const jobId = campaignJobId(this.#stage, campaignId);
    const job = await this.#describe(jobId);
    if (job?.status === 'SCHEDULED' || job?.status === 'IN_PROGRESS') {
      await this.end(campaignId);
      return false;
    }
    const { numberOfQueuedThings = 0, numberOfInProgressThings = 0 } = job?.jobProcessDetails ?? {};
    // A job that is deleted takes from vehicles what they are at; and a thousand a minute are cancelled.
    if (numberOfQueuedThings + numberOfInProgressThings > 0) return false;
    if (job !== undefined && job.status !== 'DELETION_IN_PROGRESS') {
      await unless(this.#client.send(new DeleteJobCommand({ jobId })), ResourceNotFoundException);
    }
    await this.#client.send(new DeleteThingGroupCommand({ thingGroupName: this.#groupOf(campaignId) }));
    return true;
  }

  async #open(rollout: Rollout, document: UpdateJobDocument): Promise<void> {
    const thingGroupName = this.#groupOf(rollout);
    const { thingGroupArn } = await this.#client.send(new CreateThingGroupCommand({ thingGroupName }));
    if (thingGroupArn === undefined) throw new Error(`AWS IoT did not name the group ${thingGroupName}`);
    const job = new CreateJobCommand({
      jobId: rollout === standing ? standingRollout(this.#stage) : campaignJobId(this.#stage, rollout),
      targets: [thingGroupArn],
      targetSelection: 'CONTINUOUS',
      document: JSON.stringify(document),
    });
    await unless(this.#client.send(job), ResourceAlreadyExistsException);
  }

  async #describe(jobId: string): Promise<Job | undefined> {
    try {
      return (await this.#client.send(new DescribeJobCommand({ jobId }))).job;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  #groupOf(rollout: Rollout): string {
    return rollout === standing ? standingRollout(this.#stage) : campaignGroupName(this.#stage, rollout);
  }

  async #turn(): Promise<void> {
    const now = performance.now();
    const turn = Math.max(now, this.#nextTurn);
    this.#nextTurn = turn + betweenChanges;
    if (turn > now) await setTimeout(turn - now);
  }
}

async function unless(
  call: Promise<unknown>,
  ...harmless: readonly (abstract new (
    ...args: never[]
  ) => Error)[]
): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!harmless.some((kind) => error instanceof kind)) throw error;
  }
}
