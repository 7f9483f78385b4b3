import type { Instant } from '#shared/kernel/clock.ts';
import { delta, deltaMetadata } from './delta.ts';
import { isObject, type Json, type JsonObject, member } from './json.ts';
import { merge } from './merge.ts';
import { mergeMetadata, stamp } from './metadata.ts';
import { type ShadowLimits, ShadowRejection, tooLarge, type UpdateRequest } from './request.ts';

/** `desired` and `reported`, each absent while it is empty. */
export type Sections = JsonObject;

export interface LiveShadow {
  readonly status: 'live';
  readonly state: Sections;
  readonly metadata: Sections;
  readonly version: number;
}

/** A deleted shadow's version goes on when the shadow is made again soon enough. */
export interface DeletedShadow {
  readonly status: 'deleted';
  readonly version: number;
  readonly deletedAt: Instant;
}

export type StoredShadow = LiveShadow | DeletedShadow;

export interface UpdateMessages {
  readonly delta: JsonObject | undefined;
  readonly documents: JsonObject;
  readonly accepted: JsonObject;
}

const sections = ['desired', 'reported'] as const;

/** Decides an update. Throws `ShadowRejection`, and then nothing has changed. */
export function applyUpdate(
  stored: StoredShadow | undefined,
  request: UpdateRequest,
  now: Instant,
  limits: ShadowLimits,
): { readonly shadow: LiveShadow; readonly messages: UpdateMessages } {
  const previous = stored?.status === 'live' ? stored : undefined;
  checkVersion(previous, request);
  const timestamp = seconds(now);
  const state = new Map<string, Json>();
  const metadata = new Map<string, Json>();
  for (const name of sections) {
    const patch = request[name];
    if (patch === null) continue;
    const before = section(previous?.state, name);
    const stamps = section(previous?.metadata, name);
    const after = patch === undefined ? before : merge(before, patch);
    if (Object.keys(after).length === 0) continue;
    state.set(name, after);
    metadata.set(name, patch === undefined ? stamps : mergeMetadata(stamps, before, patch, timestamp));
  }
  const shadow: LiveShadow = {
    status: 'live',
    state: Object.fromEntries(state),
    metadata: Object.fromEntries(metadata),
    version: nextVersion(stored, now, limits),
  };
  if (stateSize(shadow.state) > limits.stateBytes) throw tooLarge(request.clientToken);
  return { shadow, messages: updateMessages(previous, shadow, request, timestamp) };
}

export function applyGet(
  stored: StoredShadow | undefined,
  clientToken: string | undefined,
  now: Instant,
  name: string,
): JsonObject {
  if (stored?.status !== 'live') throw noSuchShadow(name, clientToken);
  const difference = deltaOf(stored);
  return {
    state: { ...stored.state, ...(difference === undefined ? {} : { delta: difference }) },
    metadata: stored.metadata,
    version: stored.version,
    timestamp: seconds(now),
    ...token(clientToken),
  };
}

export function applyDelete(
  stored: StoredShadow | undefined,
  clientToken: string | undefined,
  now: Instant,
  name: string,
): { readonly shadow: DeletedShadow; readonly accepted: JsonObject } {
  if (stored?.status !== 'live') throw noSuchShadow(name, clientToken);
  return {
    shadow: { status: 'deleted', version: stored.version, deletedAt: now },
    accepted: { version: stored.version, timestamp: seconds(now), ...token(clientToken) },
  };
}

/** The body of `…/rejected`. AWS sends no timestamp when there is no shadow. */
export function rejectedMessage(rejection: ShadowRejection, now: Instant): JsonObject {
  return {
    code: rejection.code,
    message: rejection.message,
    ...(rejection.code === 404 ? {} : { timestamp: seconds(now) }),
    ...token(rejection.clientToken),
  };
}

function updateMessages(
  previous: LiveShadow | undefined,
  shadow: LiveShadow,
  request: UpdateRequest,
  timestamp: number,
): UpdateMessages {
  const { version } = shadow;
  const clientToken = token(request.clientToken);
  const difference = deltaOf(shadow);
  return {
    delta: difference && {
      version,
      timestamp,
      state: difference,
      metadata: deltaMetadata(difference, section(shadow.state, 'desired'), section(shadow.metadata, 'desired')),
      ...clientToken,
    },
    documents: {
      previous: previous === undefined ? null : content(previous),
      current: content(shadow),
      timestamp,
      ...clientToken,
    },
    accepted: {
      state: request.state,
      metadata: stamp(request.state, timestamp),
      version,
      timestamp,
      ...clientToken,
    },
  };
}

function checkVersion(previous: LiveShadow | undefined, { version, clientToken }: UpdateRequest): void {
  if (version === undefined) return;
  if (previous === undefined) {
    if (version !== 1) throw new ShadowRejection(400, 'Invalid version', clientToken);
  } else if (version !== previous.version) {
    throw new ShadowRejection(409, 'Version conflict', clientToken);
  }
}

function nextVersion(stored: StoredShadow | undefined, now: Instant, limits: ShadowLimits): number {
  if (stored === undefined) return 1;
  const forgotten = stored.status === 'deleted' && now - stored.deletedAt >= limits.tombstoneLife;
  return forgotten ? 1 : stored.version + 1;
}

function deltaOf(shadow: LiveShadow): JsonObject | undefined {
  const difference = delta(section(shadow.state, 'desired'), section(shadow.state, 'reported'));
  return Object.keys(difference).length === 0 ? undefined : difference;
}

function stateSize(state: Sections): number {
  return sections.reduce((sum, name) => {
    const value = member(state, name);
    return value === undefined ? sum : sum + Buffer.byteLength(JSON.stringify(value));
  }, 0);
}

function section(from: Sections | undefined, name: 'desired' | 'reported'): JsonObject {
  const value = from === undefined ? undefined : member(from, name);
  return isObject(value) ? value : {};
}

function content({ state, metadata, version }: LiveShadow): JsonObject {
  return { state, metadata, version };
}

function token(clientToken: string | undefined): JsonObject {
  return clientToken === undefined ? {} : { clientToken };
}

function noSuchShadow(name: string, clientToken: string | undefined): ShadowRejection {
  return new ShadowRejection(404, `No shadow exists with name: '${name}'`, clientToken);
}

function seconds(now: Instant): number {
  return Math.floor(now / 1000);
}
