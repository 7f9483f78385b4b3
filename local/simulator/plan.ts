import * as z from 'zod/mini';

const text = z.string().check(z.minLength(1));

/** What the simulator is told, as one line of JSON on its standard input. */
export const planSchema = z.object({
  cloud: z.object({
    mqtt: z.object({ host: text, port: z.int(), caFile: text }),
    claim: z.object({ certificateFile: text, privateKeyFile: text, templateName: text }),
    /** The second device cloud, as `cloud.json` tells of it. */
    azure: z.optional(z.unknown()),
  }),
  /** Each vehicle keeps its memory in a folder of its own below. */
  directory: text,
  /** Where the cars can be spoken to (`npm run car`): the socket `cars.sock` in this directory; default: nowhere. */
  controls: z.optional(text),
  /**
   * With it the cars take updates. The file holds the first Root of both repositories, each as its text:
   * `{ "director": …, "images": … }`; it may come later than the cars, as a repository does.
   */
  updates: z.optional(z.object({ rootsFile: text })),
  vehicles: z.array(
    z.object({
      vin: text,
      brand: text,
      model: text,
      /** Of a vehicle of the second device cloud: its plant writes it into the certificate. */
      vehicleId: z.optional(text),
      /** False: nobody waits for it to get online, e.g. because it is suspended; it goes on trying. */
      awaited: z.optional(z.boolean()),
      /** Drives this recording instead of a road of its own; `speed` 2 is twice as fast as recorded. */
      replay: z.optional(z.object({ file: text, speed: z.optional(z.number().check(z.positive())) })),
    }),
  ),
  /** Milliseconds between two reports of a vehicle; default 8,000. */
  reportInterval: z.optional(z.number().check(z.positive())),
});
export type Plan = z.infer<typeof planSchema>;
export type PlannedVehicle = Plan['vehicles'][number];

/** What the simulator says, one line of JSON each on its standard output. */
export type SimulatorEvent =
  | { readonly type: 'provisioned'; readonly vin: string; readonly vehicleId: string }
  | { readonly type: 'online'; readonly vin: string; readonly vehicleId: string }
  /** Provisioned, but not let in (it may be suspended); it goes on trying. */
  | { readonly type: 'away'; readonly vin: string; readonly vehicleId: string }
  | { readonly type: 'failed'; readonly vin: string; readonly reason: string }
  | { readonly type: 'ready'; readonly online: number; readonly away: number; readonly failed: number }
  | {
      readonly type: 'skipped';
      readonly vin: string;
      readonly line: number;
      readonly signal: string;
      readonly reason: string;
    }
  | { readonly type: 'replayed'; readonly vin: string; readonly readings: number; readonly skipped: number }
  | { readonly type: 'log'; readonly vin: string; readonly line: string }
  | { readonly type: 'stopped' };
