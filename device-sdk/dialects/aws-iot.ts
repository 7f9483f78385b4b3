import { meteringUnit } from '#shared/vehicle-cloud/envelopes.ts';
import type { Conversation, ConversationParts, Dialect, FirstIntroduction } from '../dialect.ts';
import { JobsRollout, jobFilters } from '../ota/jobs-rollout.ts';
import { type ProvisioningOptions, provision, provisionAgain } from '../provisioning.ts';
import { Rotation } from '../rotation.ts';
import { ShadowRequests, shadowFilters } from '../shadow.ts';

/** AWS IoT Core: twins are named shadows, rollouts are jobs, an identity comes by fleet provisioning. */
export const awsIotDialect: Dialect = {
  name: 'aws-iot',
  telemetryBytes: meteringUnit,
  provision: (options) => provision(withTemplate(options)),
  provisionAgain: (options, former) => provisionAgain(withTemplate(options), former),
  converse: (parts) => new AwsIotConversation(parts),
};

function withTemplate({ claim, ...options }: FirstIntroduction): ProvisioningOptions {
  if (!('templateName' in claim)) throw new Error('a vehicle of AWS IoT needs a claim with the name of a template');
  return { ...options, claim };
}

class AwsIotConversation implements Conversation {
  readonly twins: ShadowRequests;
  readonly rollout: JobsRollout;
  readonly rotation: Rotation;

  constructor(parts: ConversationParts) {
    const { wire, identity, clock, host, log } = parts;
    const topics = () => identity()?.topics;
    const publish = (topic: string, payload: string) => wire.publish(topic, payload);
    this.twins = new ShadowRequests(() => topics()?.shadowTopicPrefix ?? '', { publish }, clock, host);
    this.rollout = new JobsRollout({ prefix: () => topics()?.jobsTopicPrefix, publish, host, log });
    this.rotation = new Rotation(parts);
  }

  askTime(): Promise<void> {
    return this.twins.time();
  }

  filters: Conversation['filters'] = ({ shadowTopicPrefix, jobsTopicPrefix }, takesUpdates) => [
    ...(shadowTopicPrefix === undefined ? [] : shadowFilters(shadowTopicPrefix)),
    ...(takesUpdates && jobsTopicPrefix !== undefined ? jobFilters(jobsTopicPrefix) : []),
  ];

  connected(): void {
    this.rollout.connected();
  }

  disconnected(): void {
    this.twins.abandon();
    this.rollout.disconnected();
  }

  receive(topic: string, payload: Uint8Array): boolean {
    return [this.rotation, this.rollout, this.twins].some((part) => part.receive(topic, payload));
  }
}
