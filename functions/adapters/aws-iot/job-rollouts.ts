import { setTimeout } from 'node:timers/promises';
import {
  AddThingToThingGroupCommand,
  CancelJobCommand,
  CreateJobCommand,
  CreateThingGroupCommand,
  InvalidRequestException,
  type IoTClient,
  RemoveThingFromThingGroupCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Rollouts } from '#shared/ota/campaigns/ports.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { campaignGroupName, campaignJobId } from '#shared/vehicle-cloud/topics.ts';
import type { UpdateJobDocument } from '#shared/vehicle-cloud/update-envelopes.ts';

/** AWS IoT takes 100 changes of memberships a second of an account. */
const betweenChanges = 10;

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
    const thingGroupName = campaignGroupName(this.#stage, campaignId);
    const { thingGroupArn } = await this.#client.send(new CreateThingGroupCommand({ thingGroupName }));
    if (thingGroupArn === undefined) throw new Error(`AWS IoT did not name the group ${thingGroupName}`);
    const document: UpdateJobDocument = { fleetloom: 'update', campaignId };
    const job = new CreateJobCommand({
      jobId: campaignJobId(this.#stage, campaignId),
      targets: [thingGroupArn],
      targetSelection: 'CONTINUOUS',
      document: JSON.stringify(document),
    });
    await unless(this.#client.send(job), ResourceAlreadyExistsException);
  }

  async join(campaignId: CampaignId, thingName: VehicleId): Promise<void> {
    await this.#turn();
    const thingGroupName = campaignGroupName(this.#stage, campaignId);
    await this.#client.send(new AddThingToThingGroupCommand({ thingGroupName, thingName }));
  }

  async leave(campaignId: CampaignId, thingName: VehicleId): Promise<void> {
    await this.#turn();
    const thingGroupName = campaignGroupName(this.#stage, campaignId);
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
