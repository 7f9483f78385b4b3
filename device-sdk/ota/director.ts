import { gzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import type { DirectorAnswer, PackedManifest, UpdateReport } from '#shared/vehicle-cloud/update-envelopes.ts';
import { type Host, type Log, reasonOf } from '../host.ts';
import { parseJson } from '../storage.ts';
import { pause } from './download/pause.ts';
import { retryPause } from './download/retry-pause.ts';
import type { DirectorMetadata } from './verification/update-verifier.ts';

const grant = z.object({ baseUrl: z.string(), query: z.string(), expiresAt: z.number() });
const answerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('metadata'),
    requestId: z.string(),
    director: z.object({
      roots: z.array(z.string()),
      timestamp: z.string(),
      snapshot: z.string(),
      targets: z.string(),
    }),
    repository: grant,
    images: grant,
  }),
  z.object({
    kind: z.literal('refused'),
    requestId: z.string(),
    reason: z.string(),
    detail: z.string(),
    retryAt: z.exactOptional(z.number()),
  }),
]) satisfies z.ZodMiniType<DirectorAnswer>;

/** Bytes: AWS IoT takes 128 KB a message ("Message broker limits"), some of it for the topic. */
const largestMessage = 127 * 1024;

/** Milliseconds that an answer may take before the question is asked again, under another number. */
const patience = 20_000;

/**
 * Milliseconds before the question is asked again although the answer did not say when. A campaign that was stopped may
 * go on, and what is taken back for good the offer and the rollout say.
 */
const worthWaiting: Readonly<Record<string, number>> = {
  stopped: 300_000,
  'not-released': 60_000,
  'stale-manifest': 0,
};

/** The Director will not have this vehicle install anything of this campaign now. */
export class DirectorRefused extends Error {
  override readonly name = 'DirectorRefused';
  /** Kebab-case. */
  readonly reason: string;

  constructor(reason: string, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** The question as a message, packed where it is too large as it is. @throws DirectorRefused */
function fitting(question: Extract<UpdateReport, { kind: 'ask' }>): string {
  const plain = JSON.stringify(question);
  if (Buffer.byteLength(plain) <= largestMessage) return plain;
  const manifest: PackedManifest = { gzip: gzipSync(JSON.stringify(question.manifest)).toString('base64') };
  const packed = JSON.stringify({ ...question, manifest });
  if (Buffer.byteLength(packed) <= largestMessage) return packed;
  const kilobytes = Math.ceil(Buffer.byteLength(packed) / 1024);
  throw new DirectorRefused('incompatible', `What all control units report has ${kilobytes} KB; a message takes 128.`);
}

interface DirectorParts {
  readonly publish: (payload: string) => Promise<void>;
  /** The signed vehicle version manifest that belongs to a question. */
  readonly manifest: (requestId: string) => Promise<unknown>;
  /** Resolves at once, or when there is a connection. */
  readonly online: (signal: AbortSignal) => Promise<void>;
  readonly host: Pick<Host, 'after' | 'newId'>;
  readonly now: () => number;
  readonly log: Log;
}

type Purpose = Extract<UpdateReport, { kind: 'ask' }>['purpose'];

/** Asks the Director what to install, again until it is answered. */
export class Director {
  private readonly parts: DirectorParts;
  /** Numbers of questions that nobody has answered yet. */
  private readonly open = new Set<string>();
  private hear: (what: DirectorAnswer | 'line') => void = () => {};

  constructor(parts: DirectorParts) {
    this.parts = parts;
  }

  /** @throws DirectorRefused, the signal's reason */
  async ask(campaignId: string, purpose: Purpose, signal: AbortSignal): Promise<DirectorMetadata> {
    const { online, host, now, log } = this.parts;
    this.open.clear();
    for (let failures = 1; ; failures += 1) {
      await online(signal);
      const heard = await this.askOnce(campaignId, purpose, signal);
      if (heard === 'line') {
        failures -= 1;
      } else if (heard?.kind === 'metadata') {
        return heard;
      } else if (heard !== undefined) {
        const { reason, detail, retryAt } = heard;
        log(`the Director refuses, ${reason}: ${detail}`);
        const isFinal = retryAt === undefined && !(reason in worthWaiting);
        if (isFinal || (reason === 'stale-manifest' && failures >= 5)) throw new DirectorRefused(reason, detail);
        const asked = retryAt === undefined ? (worthWaiting[reason] ?? 0) : Math.max(0, retryAt - now());
        await pause(retryPause(failures, Math.random(), asked), signal, host);
      } else {
        await pause(retryPause(failures, Math.random()), signal, host);
      }
    }
  }

  /** @internal There is a line again, perhaps to another home, and what was said on the former may be lost with it. */
  connected(): void {
    this.hear('line');
  }

  /** @internal */
  receive(payload: Uint8Array): void {
    const parsed = answerSchema.safeParse(parseJson(Buffer.from(payload).toString('utf8')));
    if (!parsed.success) this.parts.log('an answer about updates that nobody understands');
    else if (this.open.delete(parsed.data.requestId)) this.hear(parsed.data);
  }

  /** @returns `line`: another came before the answer; undefined: nothing was heard */
  private async askOnce(
    campaignId: string,
    purpose: Purpose,
    signal: AbortSignal,
  ): Promise<DirectorAnswer | 'line' | undefined> {
    const { host, manifest, publish, log } = this.parts;
    const requestId = host.newId();
    const signed = await manifest(requestId).catch((error: unknown) => {
      if (error instanceof RefusedUpdate) throw error;
      log(`no manifest: ${reasonOf(error)}`);
    });
    if (signed === undefined) return undefined;
    const question = fitting({ kind: 'ask', requestId, campaignId, purpose, manifest: signed });
    const late = new AbortController();
    const arrived = new Promise<DirectorAnswer | 'line'>((heard) => {
      this.open.add(requestId);
      this.hear = heard;
    });
    try {
      // Whether it arrived, the answer says.
      publish(question).catch((error) => log(`not asked yet: ${reasonOf(error)}`));
      const given = AbortSignal.any([signal, late.signal]);
      return await Promise.race([arrived, pause(patience, given, host).then(() => undefined)]);
    } finally {
      this.hear = () => {};
      late.abort(new Error('answered'));
    }
  }
}
