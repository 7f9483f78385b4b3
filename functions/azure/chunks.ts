import { type DevicePost, maxPostedBytes, maxPostedEvents } from '#shared/vehicle-cloud/device-post.ts';

const around = Buffer.byteLength(JSON.stringify({ events: [] }));

/**
 * Posts in their order, in as few bodies as the platform takes them in. One that is longer than a body goes alone.
 */
export function chunksOf(posts: readonly DevicePost[]): readonly (readonly DevicePost[])[] {
  const chunks: DevicePost[][] = [];
  let bytes = 0;
  for (const post of posts) {
    const more = Buffer.byteLength(JSON.stringify(post));
    const last = chunks.at(-1);
    // The comma before it counts.
    if (last === undefined || last.length >= maxPostedEvents || bytes + 1 + more > maxPostedBytes) {
      chunks.push([post]);
      bytes = around + more;
    } else {
      last.push(post);
      bytes += 1 + more;
    }
  }
  return chunks;
}
