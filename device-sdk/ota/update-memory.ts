import * as z from 'zod/mini';
import type { UpdateReport } from '#shared/vehicle-cloud/update-envelopes.ts';
import type { Storage } from '../storage.ts';
import { installationSchema } from './installation/installation.ts';
import { decisionSchema, offerSchema } from './offer.ts';

const attemptSchema = z.object({
  campaignId: z.string(),
  /** Of the offer that was consented to. */
  revision: z.int(),
  attempt: z.int(),
  /** Of the last report. */
  sequence: z.int(),
  /** Present from the moment at which something is done to the control units. */
  installation: z.exactOptional(installationSchema),
});
export type Attempt = z.infer<typeof attemptSchema>;

const recordSchema = z.object({
  /** The newest that was seen. */
  offer: z.optional(offerSchema),
  choice: z.optional(
    z.object({
      campaignId: z.string(),
      revision: z.int(),
      decision: decisionSchema,
      at: z.number(),
      language: z.exactOptional(z.string()),
    }),
  ),
  current: z.exactOptional(attemptSchema),
  /** By campaign: how often it was attempted. */
  attempts: z.record(z.string(), z.int()),
  /** Software that was tried and was of no use. */
  bad: z.array(z.object({ ecuId: z.string(), sha256: z.string() })),
  /** Of the vehicle as a whole, since its first update. */
  softwareVersion: z.exactOptional(z.string()),
  /** By UN regulation: the factory's, and since then what the last healthy installation has brought. */
  rxswins: z.exactOptional(z.record(z.string(), z.string())),
  /** False since an installation from which neither set came back. */
  safe: z.boolean(),
  /** The attempt that has left the vehicle unsafe. */
  stranded: z.optional(z.object({ campaignId: z.string(), attempt: z.int(), sequence: z.int() })),
  /** A workshop has given it free, and it is not mobile yet. */
  repaired: z.optional(z.literal(true)),
  /** Reports that the cloud has not acknowledged, oldest first, each as it is sent. */
  unsent: z.array(z.string()),
  /** Ends that the rollout has not been told. */
  ends: z.array(z.object({ campaignId: z.string(), succeeded: z.boolean(), detail: z.string() })),
});
export type UpdateRecord = z.infer<typeof recordSchema>;

const nothing: UpdateRecord = { attempts: {}, bad: [], safe: true, unsent: [], ends: [] };
const document = 'updates';
/** Of how many campaigns the attempts are remembered, and of how much software that it was bad. */
const remembered = 50;

/** All that the agent must not forget, in one document: each step is one write, after a crash it is there or not. */
export class UpdateMemory {
  private readonly storage: Storage;
  private state: UpdateRecord;

  constructor(storage: Storage) {
    this.storage = storage;
    const kept = storage.read(document);
    const parsed = recordSchema.safeParse(kept);
    this.state = parsed.data ?? nothing;
    // What only a workshop can read stays for it.
    if (kept !== undefined && !parsed.success) storage.putAside(document);
  }

  get record(): UpdateRecord {
    return this.state;
  }

  /** Durable once it returns. */
  change(part: Partial<UpdateRecord>): void {
    const next = { ...this.state, ...part };
    this.storage.write(document, next);
    this.state = next;
  }

  /** Another attempt at a campaign's update begins. */
  begin(campaignId: string, revision: number): Attempt {
    const attempt = (this.state.attempts[campaignId] ?? 0) + 1;
    const { [campaignId]: _, ...others } = this.state.attempts;
    const attempts = Object.fromEntries([...Object.entries(others), [campaignId, attempt]].slice(-remembered));
    const current = { campaignId, revision, attempt, sequence: 0 };
    this.change({ attempts, current });
    return current;
  }

  /** The attempt ends without a result. */
  drop(): void {
    const { current: _, ...rest } = this.state;
    this.storage.write(document, rest);
    this.state = rest;
  }

  /** Nothing of the attempt is left to be done but to tell how it ended. */
  end(result: Extract<UpdateReport, { kind: 'result' }>, more: Partial<UpdateRecord> = {}): void {
    const { current: _, ...rest } = this.state;
    const succeeded = result.outcome === 'installed';
    const end = { campaignId: result.campaignId, succeeded, detail: succeeded ? '' : result.error };
    const unsent = [...rest.unsent, JSON.stringify(result)];
    const next = { ...rest, ...more, unsent, ends: [...rest.ends, end] };
    this.storage.write(document, next);
    this.state = next;
  }

  /** Software that no attempt may begin with again. */
  markBad(ecuId: string, sha256: string): UpdateRecord['bad'] {
    const { bad } = this.state;
    if (bad.some((known) => known.ecuId === ecuId && known.sha256 === sha256)) return bad;
    return [...bad, { ecuId, sha256 }].slice(-remembered);
  }

  /** The cloud has the report, or an end was told. */
  settled(which: 'unsent' | 'ends'): void {
    this.change(which === 'unsent' ? { unsent: this.state.unsent.slice(1) } : { ends: this.state.ends.slice(1) });
  }
}
