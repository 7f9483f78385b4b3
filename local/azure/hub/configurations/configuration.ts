import { z } from 'zod';

const place = /^properties\.desired(\.[^.$ ]+)*$/;
const metrics = z.object({
  queries: z
    .record(z.string(), z.string())
    .refine((queries) => Object.keys(queries).length <= 5, 'at most five queries')
    .nullish(),
});

/** Source: "Automatic device management", limits included. Modules have none here. */
export const configurationWishSchema = z.object({
  id: z.string().regex(/^[a-z0-9\-+%_*!']{1,128}$/, "an id has up to 128 of a-z 0-9 - + % _ * ! '"),
  schemaVersion: z.string().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  content: z.strictObject(
    { deviceContent: z.record(z.string().regex(place, 'settings stand below properties.desired'), z.json()).nullish() },
    'only deviceContent is served here',
  ),
  /** Empty: nobody. `*`: everybody. */
  targetCondition: z.string().nullish(),
  /** The greater one wins where two say something different. */
  priority: z.int().nonnegative().nullish(),
  metrics: metrics.nullish(),
});

export type ConfigurationWish = z.infer<typeof configurationWishSchema>;

export interface Configuration {
  readonly wish: ConfigurationWish;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Counts the changes. */
  readonly revision: number;
}
