import * as z from 'zod/mini';
import { link } from './link.ts';

/** OGC API Common: what there is. */
export const landingPage = z.object({
  title: z.string(),
  description: z.string(),
  links: z.array(link),
  processIdentifiers: z.exactOptional(z.array(z.object({ module: z.string(), identifiers: z.array(z.string()) }))),
});
export type LandingPage = z.infer<typeof landingPage>;

export const conformance = z.object({ conformsTo: z.array(z.string()) });

/** Of the specification, in each answer's `Version`. */
export const tompVersion = '2.0.0';
