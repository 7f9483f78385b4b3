import * as z from 'zod/mini';
import type { SharingReport } from '../../vehicle-cloud/sharing-envelopes.ts';

/** P-256 in SPKI is 91 bytes. */
const spki = z.string().check(z.regex(/^[\w-]{100,180}$/));
const place = z.object({
  latitude: z.number().check(z.gte(-90), z.lte(90)),
  longitude: z.number().check(z.gte(-180), z.lte(180)),
});
const counter = z.int().check(z.gte(0));
const percent = z.number().check(z.gte(0), z.lte(100));

/** What vehicles send: the envelope's limits, and no more than can be. */
export const sharingReportSchema: z.ZodMiniType<SharingReport> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('log-key'), logKey: spki }),
  z.object({
    kind: z.literal('log'),
    events: z.array(z.string().check(z.regex(/^[\w-]{1,4096}$/))).check(z.minLength(1), z.maxLength(40)),
  }),
  z.object({
    kind: z.literal('status'),
    boot: counter,
    sequence: counter,
    at: counter,
    place: z.exactOptional(place),
    charge: z.exactOptional(percent),
    rangeMeters: z.exactOptional(z.number().check(z.gte(0), z.lte(5_000_000))),
    charging: z.exactOptional(z.boolean()),
    logged: z.exactOptional(z.object({ boot: counter, sequence: counter })),
  }),
  z.object({
    kind: z.literal('admits'),
    statementVersion: counter,
    minimumFence: counter,
    onTrip: z.exactOptional(counter),
    zonesVersion: counter,
    at: counter,
  }),
  z.object({ kind: z.literal('ask-zones'), requestId: z.string().check(z.regex(/^[\w-]{1,64}$/)) }),
]);
