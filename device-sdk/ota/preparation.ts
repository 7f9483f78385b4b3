import { type AttackName, RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import type {
  DownloadGrant,
  Precondition,
  SignedStatement,
  UpdateOffer,
  UpdatePhase,
  UpdateStatement,
} from '#shared/vehicle-cloud/update-envelopes.ts';
import { type Host, type Log, reasonOf } from '../host.ts';
import { type Director, DirectorRefused } from './director.ts';
import { NoRoom } from './download/download.ts';
import type { Base, ImageStore } from './download/image-store.ts';
import { pause } from './download/pause.ts';
import type { RangeRequest } from './download/range-request.ts';
import type { RateLimit } from './download/rate-limit.ts';
import { retryPause } from './download/retry-pause.ts';
import type { EcuInstaller, EcuState } from './ecu-installer.ts';
import type { InstallationFailure } from './installation/installation.ts';
import { unmet, type VehicleBody } from './vehicle-body.ts';
import { RetrievalFailed } from './verification/granted-files.ts';
import type { DirectorMetadata } from './verification/update-verifier.ts';
import type { VerifiedImage, VerifiedUpdate } from './verification/verified-update.ts';

/** What the Director answers is worth nothing before this has looked at it. */
export interface Verification {
  /** The signed vehicle version manifest for a question with this number. */
  manifest(requestId: string): Promise<unknown>;
  /** @throws RefusedUpdate, RetrievalFailed */
  verify(
    answer: DirectorMetadata,
    question: { campaignId: string; purpose: 'download' | 'install' },
  ): Promise<VerifiedUpdate>;
  /** By the key of the control unit that speaks for the vehicle. */
  sign?(statement: UpdateStatement): Promise<SignedStatement['signatures']>;
}

export interface PreparationParts {
  readonly director: Director;
  readonly verification: Verification;
  readonly images: ImageStore;
  readonly request: RangeRequest;
  readonly limit?: RateLimit;
  readonly ecus: ReadonlyMap<string, EcuInstaller>;
  readonly states: () => Promise<ReadonlyMap<string, EcuState>>;
  readonly body: VehicleBody;
  readonly tell: (phase: UpdatePhase, percent: number, waitsFor?: readonly Precondition['kind'][]) => void;
  readonly host: Host;
  readonly now: () => number;
  readonly log: Log;
}

/** Why an update came to its end before anything was written. */
export class NotPrepared extends Error {
  override readonly name = 'NotPrepared';
  readonly failure: InstallationFailure;

  constructor(failure: InstallationFailure) {
    super(failure.detail);
    this.failure = failure;
  }
}

/**
 * What a line that stands still, a broken byte or an answer that waited in a tunnel look like, too, and how often in a
 * row that is believed: it is asked for again, and an attack comes again.
 */
const believed: Readonly<Partial<Record<AttackName, number>>> = {
  freeze: 3,
  'slow-retrieval': 10,
  malformed: 3,
  'arbitrary-software': 3,
  'wrong-hash': 3,
};
/** Milliseconds after which the clock is looked at again while waiting: it may have been set. */
const longestWait = 600_000;

/** Everything before the first write: asks, verifies, downloads, waits, and asks once more. */
export class Preparation {
  private readonly offer: UpdateOffer;
  private readonly parts: PreparationParts;
  private readonly outer: AbortSignal;
  /** Ends whatever is still under way when this comes to its end. */
  private readonly end = new AbortController();
  private readonly signal: AbortSignal;
  private granted: DownloadGrant | undefined;

  constructor(offer: UpdateOffer, parts: PreparationParts, signal: AbortSignal) {
    this.offer = offer;
    this.parts = parts;
    this.outer = signal;
    this.signal = AbortSignal.any([signal, this.end.signal]);
  }

  /**
   * Returns what may be installed at once. All its images are there.
   *
   * @throws NotPrepared, the signal's reason
   */
  async prepared(window: { from: number; to: number }): Promise<VerifiedUpdate> {
    const { body } = this.parts;
    const inTime = <T>(work: () => Promise<T>) => this.before(window.to, work);
    try {
      let update = await inTime(() => this.verified('download'));
      await inTime(() => this.download(update));
      for (;;) {
        await this.wait(window, update.preconditions);
        const again = await inTime(() => this.verified('install'));
        const isSame = JSON.stringify(again.images) === JSON.stringify(update.images);
        update = again;
        if (!isSame) await inTime(() => this.download(update));
        else if (unmet(update.preconditions, body.conditions()).length === 0) return update;
      }
    } catch (error) {
      this.outer.throwIfAborted();
      throw new NotPrepared(failureOf(error));
    } finally {
      this.end.abort(new Error('the preparation has ended'));
    }
  }

  private async verified(purpose: 'download' | 'install'): Promise<VerifiedUpdate> {
    const { director, verification, host, log } = this.parts;
    const { campaignId } = this.offer;
    for (let failures = 1; ; failures += 1) {
      const answer = await director.ask(campaignId, purpose, this.signal);
      try {
        const update = await verification.verify(answer, { campaignId, purpose });
        this.granted = answer.images;
        return update;
      } catch (error) {
        const isPassing =
          error instanceof RetrievalFailed ||
          (error instanceof RefusedUpdate && failures < (believed[error.attack] ?? 0));
        if (!isPassing) throw error;
        log(`verification: ${reasonOf(error)}`);
        await pause(retryPause(failures, Math.random()), this.signal, host);
      }
    }
  }

  private async download(update: VerifiedUpdate): Promise<void> {
    const { images, request, limit, host, log, tell } = this.parts;
    await images.keepOnly(update.images);
    const states = await this.parts.states();
    const total = update.images.reduce((sum, { length }) => sum + length, 0);
    let before = 0;
    tell('downloading', 0);
    for (const image of update.images) {
      const arrived = (bytes: number) => tell('downloading', Math.floor((100 * (before + bytes)) / Math.max(total, 1)));
      const parts = { request, host, log, arrived, grant: (expired?: DownloadGrant) => this.grant(expired) };
      const base = this.baseOf(image, states.get(image.ecuId));
      if (!isThere(image, states)) {
        await images.fetch(image, base, { ...parts, ...(limit !== undefined && { limit }) }, this.signal);
      }
      before += image.length;
      arrived(0);
    }
  }

  /** What has expired, or is about to, is asked for again. */
  private async grant(expired?: DownloadGrant): Promise<DownloadGrant> {
    const isOver = (grant: DownloadGrant) => grant === expired || grant.expiresAt <= this.parts.now() + 1000;
    if (this.granted === undefined || isOver(this.granted)) {
      const { campaignId } = this.offer;
      const answer = await this.parts.director.ask(campaignId, 'download', this.signal);
      this.granted = answer.images;
    }
    return this.granted;
  }

  private baseOf({ ecuId, delta }: VerifiedImage, state: EcuState | undefined): Base | undefined {
    const installer = this.parts.ecus.get(ecuId);
    const runs = state?.slots[state.running];
    if (runs === undefined || runs.status === 'empty' || runs.software.sha256 !== delta?.fromSha256) return undefined;
    if (installer?.read === undefined) return undefined;
    const { signal } = this;
    return async (offset, length) => (await installer.read?.(offset, length, signal)) ?? new Uint8Array();
  }

  /** Until the window has begun and all that must hold does. */
  private async wait(window: { from: number; to: number }, preconditions: readonly Precondition[]): Promise<void> {
    const { body, host, now, tell } = this.parts;
    for (let told: string | undefined; ; ) {
      const waitsFor = unmet(preconditions, body.conditions());
      if (now() > window.to) {
        const detail = `The time that was chosen is over; what did not hold: ${waitsFor.join(', ') || 'the time'}.`;
        throw new NotPrepared({ error: 'precondition', detail });
      }
      if (now() >= window.from && waitsFor.length === 0) return;
      if (told !== waitsFor.join()) tell('waiting', 0, waitsFor);
      told = waitsFor.join();
      const change = new AbortController();
      const stop = body.onConditions(() => change.abort());
      const next = now() < window.from ? window.from - now() : window.to - now() + 1;
      const either = AbortSignal.any([this.signal, change.signal]);
      await pause(Math.min(next, longestWait), either, host).catch(() => {});
      stop();
      this.signal.throwIfAborted();
    }
  }

  /** What takes longer than the window is given up. */
  private async before<T>(to: number, work: () => Promise<T>): Promise<T> {
    const { host, now } = this.parts;
    const over = new AbortController();
    const watch = async (): Promise<never> => {
      while (now() <= to) await pause(Math.min(to - now() + 1, longestWait), over.signal, host);
      throw new NotPrepared({ error: 'network', detail: 'The download was not done within the time that was chosen.' });
    };
    try {
      return await Promise.race([work(), watch()]);
    } finally {
      over.abort(new Error('done'));
    }
  }
}

/** It runs, for good: nothing is downloaded for it. */
function isThere({ ecuId, hashes, releaseCounter }: VerifiedImage, states: ReadonlyMap<string, EcuState>): boolean {
  const state = states.get(ecuId);
  const runs = state?.slots[state.running];
  const isSame = runs?.status === 'filled' && runs.software.sha256 === hashes.sha256;
  return isSame && state !== undefined && state.releaseCounter >= releaseCounter;
}

function failureOf(error: unknown): InstallationFailure {
  if (error instanceof NotPrepared) return error.failure;
  if (error instanceof RefusedUpdate) return { error: 'verification', detail: error.detail, attack: error.attack };
  if (error instanceof NoRoom) return { error: 'storage', detail: error.message };
  if (error instanceof DirectorRefused) return { error: errorOf(error.reason), detail: error.message };
  return { error: 'installation', detail: reasonOf(error) };
}

function errorOf(reason: string): InstallationFailure['error'] {
  if (reason === 'unknown-ecu' || reason === 'incompatible') return 'incompatible';
  if (reason === 'stopped' || reason === 'not-released' || reason === 'cancelled') return 'cancelled';
  return 'verification';
}
