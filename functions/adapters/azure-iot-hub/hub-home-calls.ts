import * as z from 'zod/mini';
import { at, failed, homeName, hubQuestion } from './hub-calls.ts';

/** What whoever moves vehicles asks of a hub beyond what everybody asks: in a file of its own, which nobody else bundles. */
export const homeQuestion = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('let-in'),
    ...at,
    brand: z.string(),
    market: z.string(),
    /** SHA-256 of the certificate (DER), hex. */
    thumbprint: z.string(),
  }),
  z.object({ kind: z.literal('twin-names'), ...at }),
  z.object({ kind: z.literal('endpoint'), home: homeName }),
  z.object({ kind: z.literal('shut-out'), ...at }),
  z.object({ kind: z.literal('forget'), ...at }),
]);
export type HomeQuestion = z.infer<typeof homeQuestion>;

export const homeAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done') }),
  z.object({ kind: z.literal('names'), names: z.array(z.string()) }),
  /** The host that vehicles connect to. */
  z.object({ kind: z.literal('endpoint'), host: z.string() }),
  failed,
]);
export type HomeAnswer = z.infer<typeof homeAnswer>;

/** Whatever `hub-asked` may be asked. */
export const anyQuestion = z.discriminatedUnion('kind', [hubQuestion, homeQuestion]);
