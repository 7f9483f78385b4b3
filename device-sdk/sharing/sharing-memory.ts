import * as z from 'zod/mini';
import type { Storage } from '../storage.ts';

const counter = z.int().check(z.nonnegative());
const position = z.object({ boot: counter, sequence: counter });

const issuerSchema = z.object({ kid: z.string(), spki: z.string() });

const tripSchema = z.object({
  /** Whom keys came from when it began: a successor takes it from nobody. */
  issuer: issuerSchema,
  fence: counter,
  reservationId: z.string(),
  /** The token that opened it, or the last one since. */
  tokenId: z.string(),
  /** Public keys of the phones that may go on with it, SPKI, base64url, whatever their tokens' expiry. */
  phoneKeys: z.array(z.string()),
  state: z.enum(['driving', 'paused']),
  charging: z.boolean(),
  /** Of its last line: none of the next is earlier. */
  lastAt: z.number(),
});
export type Trip = z.infer<typeof tripSchema>;

const recordSchema = z.object({
  /** Whom keys come from. */
  issuer: z.exactOptional(issuerSchema),
  /** What the newest statement said that is not kept by itself. */
  statement: z.exactOptional(
    z.object({
      version: counter,
      systemId: z.string(),
      vehicleTypeId: z.string(),
      minimumCharge: z.number(),
      zonesVersion: counter,
    }),
  ),
  /** Only ever rises. */
  minimumFence: counter,
  revoked: z.array(z.string()),
  /** The cloud has to be told what the vehicle admits now. */
  owesAdmits: z.boolean(),
  /** Rises with each start. */
  boot: counter,
  /** The last line of the log. */
  last: z.exactOptional(position),
  trip: z.exactOptional(tripSchema),
  /** How the trip before ended: whoever did not hear the answer asks again. */
  ended: z.exactOptional(z.object({ fence: counter, phoneKeys: z.array(z.string()), line: z.string() })),
  /** The body is being opened, and nothing was written yet. */
  opening: z.boolean(),
  /** Lines that the cloud has not acknowledged, oldest first. */
  unsent: z.array(z.string()),
});
export type SharingRecord = z.infer<typeof recordSchema>;

const document = 'sharing';
const nothing: SharingRecord = {
  ...{ minimumFence: 0, revoked: [], owesAdmits: false, boot: 0, opening: false, unsent: [] },
};

/** All that the agent must not forget, in one document: each step is one write, after a crash it is there or not. */
export class SharingMemory {
  private readonly storage: Storage;
  private state: SharingRecord;

  /**
   * Writes nothing: a boot that wrote nothing down may share its number with the next.
   *
   * @param seconds since the Unix epoch: where the memory was lost, no boot has the number of an earlier one
   */
  constructor(storage: Storage, seconds: number) {
    this.storage = storage;
    const kept = storage.read(document);
    const read = recordSchema.safeParse(kept).data;
    if (kept !== undefined && read === undefined) storage.putAside(document);
    const isLost = kept !== undefined && read === undefined;
    this.state = read ?? { ...nothing, boot: isLost ? Math.max(0, Math.floor(seconds)) : 0 };
    this.state = { ...this.state, boot: this.state.boot + 1 };
  }

  get record(): SharingRecord {
    return this.state;
  }

  /** Durable once it returns. */
  change(part: Partial<SharingRecord>): void {
    this.save({ ...this.state, ...part });
  }

  /** The trip is over: everything of the step in one write. */
  endTrip(part: Partial<SharingRecord>): void {
    const { trip: _, ...rest } = this.state;
    this.save({ ...rest, ...part });
  }

  private save(next: SharingRecord): void {
    this.storage.write(document, next);
    this.state = next;
  }
}
