import * as z from 'zod/mini';
import { isHomeName } from '#shared/registry/home.ts';
import type { HomeNotice } from '#shared/vehicle-cloud/home-notice.ts';
import { epochOf, type Identity, topicsSchema } from '../certification.ts';
import type { JsonObject } from '../json-object.ts';
import type { Clouds } from './clouds.ts';

/** A host and nothing beside: no scheme, no port, no path. RFC 1123, section 2.1. */
const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

const noticeSchema = z.object({
  name: z.string().check(z.refine(isHomeName)),
  epoch: z.int(),
  dialect: z.string(),
  endpoint: z.string().check(z.regex(hostName)),
  topics: z.exactOptional(z.record(z.string(), z.string())),
}) satisfies z.ZodMiniType<HomeNotice>;

/** What the cloud says of where the vehicle should be: nothing, nothing that can be followed, or elsewhere. */
export type Told =
  | { readonly kind: 'stay' }
  | { readonly kind: 'junk'; readonly reason: string }
  | { readonly kind: 'go'; readonly target: Identity };

/**
 * @param desired in the twin `home`
 * @param present who the vehicle is in the home that says it: one that was said earlier, or comes late, sends nobody
 */
export function toldBy(desired: JsonObject, present: Identity, clouds: Clouds): Told {
  if (Object.keys(desired).length === 0) return { kind: 'stay' };
  const notice = noticeSchema.safeParse(desired);
  if (!notice.success) return { kind: 'junk', reason: `at ${placesOf(notice.error)}` };
  const { name, epoch, dialect, endpoint, topics } = notice.data;
  if (epoch <= epochOf(present)) return { kind: 'stay' };
  const spoken = clouds.dialect(dialect);
  if (spoken === undefined) return { kind: 'junk', reason: 'nobody on board speaks so' };
  const known = spoken.topics ?? topicsSchema.safeParse(topics).data;
  if (known === undefined) return { kind: 'junk', reason: 'at topics' };
  return { kind: 'go', target: { ...present, topics: known, endpoint, home: { name, epoch, dialect } } };
}

/** What is said there is not repeated: nobody knows what it is. */
function placesOf({ issues }: z.core.$ZodError): string {
  return [...new Set(issues.map(({ path }) => String(path[0] ?? 'all of it')))].join(', ');
}
