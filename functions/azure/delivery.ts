import type { DevicePost } from '#shared/vehicle-cloud/device-post.ts';
import { chunksOf } from './chunks.ts';
import { type HubEvent, readHubEvent } from './hub-event.ts';
import type { Platform } from './platform.ts';

/** What nobody could take, with the reason; it waits for somebody to look. */
export interface PoisonEvent {
  readonly reason: string;
  readonly partition: string;
  readonly sequence: number;
  readonly enqueuedAt: string;
  readonly deviceId: string;
  readonly channel: string;
  /** base64; cut where it would not fit a message of Storage. */
  readonly payload: string;
  readonly cutFrom?: number;
}

/** Storage takes 64 KB; base64 adds a third, and the host encodes the whole once more. */
const largestPayload = 30 * 1024;

/**
 * Hands a batch of one partition to the platform, in its order. What is refused for good is told apart from its
 * neighbours by halving, so that it holds up nothing behind it.
 *
 * @returns the poison, after everything else has been taken
 * @throws PlatformAway when the whole batch has to come again; what was taken already is taken twice, which is harmless
 */
export async function deliver(events: readonly HubEvent[], platform: Platform): Promise<readonly PoisonEvent[]> {
  const poison: PoisonEvent[] = [];
  const origins = new Map<DevicePost, HubEvent>();
  for (const event of events) {
    const read = readHubEvent(event);
    if (read.kind === 'poison') poison.push(poisonOf(event, read.reason));
    if (read.kind === 'post') origins.set(read.post, event);
  }
  for (const chunk of chunksOf([...origins.keys()])) {
    for (const [post, reason] of await refusedOf(chunk, platform)) {
      const event = origins.get(post);
      if (event !== undefined) poison.push(poisonOf(event, reason));
    }
  }
  return poison;
}

async function refusedOf(
  posts: readonly DevicePost[],
  platform: Platform,
): Promise<readonly (readonly [post: DevicePost, reason: string])[]> {
  const answer = await platform.post('device-events', { events: posts });
  if (answer.kind === 'taken') return [];
  const [first, ...others] = posts;
  if (first === undefined) return [];
  if (others.length === 0) return [[first, answer.reason]];
  const middle = Math.ceil(posts.length / 2);
  const early = await refusedOf(posts.slice(0, middle), platform);
  return [...early, ...(await refusedOf(posts.slice(middle), platform))];
}

function poisonOf({ partition, sequence, enqueuedAt, properties, systemProperties, body }: HubEvent, reason: string) {
  return {
    ...{ reason, partition, sequence, enqueuedAt: new Date(enqueuedAt).toISOString() },
    deviceId: String(systemProperties['iothub-connection-device-id'] ?? properties['deviceId'] ?? '').slice(0, 128),
    channel: String(properties['channel'] ?? '').slice(0, 128),
    payload: Buffer.from(body.subarray(0, largestPayload)).toString('base64'),
    ...(body.length > largestPayload && { cutFrom: body.length }),
  };
}
