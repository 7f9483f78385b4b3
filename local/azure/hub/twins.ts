import { z } from 'zod';
import type { LocalClock } from '#local/clock.ts';
import type { Json, JsonObject } from '#local/iot/shadows/json.ts';
import type { Collection, State } from '#local/state/collection.ts';
import { matches, twinEtag } from './etag.ts';
import { argumentInvalid, HubError } from './hub-error.ts';
import type { Identities } from './identities.ts';
import { Listeners } from './listeners.ts';
import { checkPatch, checkSize } from './twin-limits.ts';
import { mergeMetadata, mergeTwin } from './twin-merge.ts';

export interface TwinSection {
  readonly value: JsonObject;
  readonly metadata: JsonObject;
  readonly version: number;
}

export interface Twin {
  readonly deviceId: string;
  readonly tags: JsonObject;
  readonly desired: TwinSection;
  readonly reported: TwinSection;
  /** Counts all changes. */
  readonly version: number;
  /** Counts the changes that services make. */
  readonly writes: number;
}

export interface DesiredChange {
  readonly deviceId: string;
  /** As it was written: null where a key was deleted. */
  readonly patch: JsonObject;
  readonly version: number;
}

/** What one accepted patch said. */
export interface TwinChange {
  readonly deviceId: string;
  readonly operation: 'updateTwin' | 'replaceTwin';
  readonly version: number;
  readonly tags?: JsonObject;
  readonly properties?: { readonly desired?: JsonObject; readonly reported?: JsonObject };
}

const object = z.record(z.string(), z.json());
/** What services may write; of everything else that a twin holds the hub keeps its own. */
export const servicePatchSchema = z.object({
  tags: object.nullish(),
  properties: z
    .object({
      desired: object.nullish(),
      // Nothing may stand there and still be said: Microsoft's own samples do.
      reported: z.strictObject({}, 'only the device writes what is reported').nullish(),
    })
    .nullish(),
});

/** The twins. Every method throws `HubError`. */
export class Twins {
  readonly desired = new Listeners<DesiredChange>();
  readonly changed = new Listeners<TwinChange>();
  /** Somebody has read the whole twin. */
  readonly seen = new Listeners<Twin>();
  readonly #twins: Collection<Twin>;
  readonly #identities: Identities;
  readonly #clock: LocalClock;

  constructor({
    state,
    clock,
    identities,
  }: { readonly state: State; readonly clock: LocalClock; readonly identities: Identities }) {
    this.#twins = state.collection('azure/twins');
    this.#identities = identities;
    this.#clock = clock;
    identities.created.add(({ deviceId }) => this.#twins.set(deviceId, this.#empty(deviceId)));
    identities.deleted.add(({ deviceId }) => this.#twins.delete(deviceId));
  }

  get(deviceId: string): Twin {
    this.#identities.get(deviceId);
    return this.#twins.get(deviceId) ?? this.#empty(deviceId);
  }

  /** As `get`, for whoever pays for it: a service or the device. */
  read(deviceId: string): Twin {
    const twin = this.get(deviceId);
    this.seen.tell(twin);
    return twin;
  }

  etag(deviceId: string): string {
    return twinEtag(this.get(deviceId).writes);
  }

  /** @param patch `{ tags?, properties?: { desired? } }` @param ifMatch the etag; undefined or `*`: whatever there is */
  patchByService(deviceId: string, patch: unknown, ifMatch?: string): Twin {
    const before = this.#unchanged(deviceId, ifMatch);
    const { tags, properties } = understood(servicePatchSchema, patch);
    return this.#write(before, 'updateTwin', tags ?? undefined, properties?.desired ?? undefined);
  }

  /** What is left out is deleted; a whole section that is left out stays as it is. */
  replaceByService(deviceId: string, twin: unknown, ifMatch?: string): Twin {
    const before = this.#unchanged(deviceId, ifMatch);
    const { tags, properties } = understood(servicePatchSchema, twin);
    const desired = properties?.desired ?? undefined;
    return this.#write(
      before,
      'replaceTwin',
      tags === undefined || tags === null ? undefined : { ...nulls(before.tags, tags), ...tags },
      desired && { ...nulls(before.desired.value, desired), ...desired },
    );
  }

  /** @returns the version of the reported section */
  patchReported(deviceId: string, patch: unknown): number {
    const before = this.get(deviceId);
    const said = withoutOwn(understood(object, patch));
    const reported = this.#merged('reported', before.reported, said);
    this.#twins.set(deviceId, { ...before, version: before.version + 1, reported });
    const properties = { reported: { ...said, $version: reported.version } };
    this.changed.tell({ deviceId, operation: 'updateTwin', version: before.version + 1, properties });
    return reported.version;
  }

  #unchanged(deviceId: string, ifMatch: string | undefined): Twin {
    const before = this.get(deviceId);
    if (matches(ifMatch, twinEtag(before.writes))) return before;
    throw new HubError('PreconditionFailed', `Twin version did not match, existing etag: ${twinEtag(before.writes)}`);
  }

  #write(before: Twin, operation: TwinChange['operation'], tags: JsonObject | undefined, wish: JsonObject | undefined) {
    const { deviceId } = before;
    const desired = wish && withoutOwn(wish);
    if (tags !== undefined) checkPatch('tags', tags);
    const mergedTags = tags === undefined ? before.tags : mergeTwin(before.tags, tags);
    checkSize('tags', mergedTags);
    const after: Twin = {
      ...before,
      version: before.version + 1,
      writes: before.writes + 1,
      tags: mergedTags,
      ...(desired !== undefined && { desired: this.#merged('desired', before.desired, desired) }),
    };
    this.#twins.set(deviceId, after);
    this.changed.tell({
      ...{ deviceId, operation, version: after.version },
      ...(tags && { tags }),
      ...(desired !== undefined && { properties: { desired: { ...desired, $version: after.desired.version } } }),
    });
    if (desired !== undefined) this.desired.tell({ deviceId, patch: desired, version: after.desired.version });
    return after;
  }

  #merged(section: 'desired' | 'reported', before: TwinSection, patch: JsonObject): TwinSection {
    checkPatch(section, patch);
    const value = mergeTwin(before.value, patch);
    checkSize(section, value);
    const version = before.version + 1;
    const stamp: JsonObject = {
      $lastUpdated: this.#now(),
      ...(section === 'desired' && { $lastUpdatedVersion: version }),
    };
    return { value, metadata: mergeMetadata(before.metadata, patch, stamp), version };
  }

  /** Source: the sample of a new twin in "Device lifecycle events": etag 1, version 2, both sections 1. */
  #empty(deviceId: string): Twin {
    const section: TwinSection = { value: {}, metadata: { $lastUpdated: this.#now() }, version: 1 };
    return { deviceId, tags: {}, desired: section, reported: section, version: 2, writes: 1 };
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

/** `$version` and `$metadata` come back with a twin that was read; the hub keeps its own. */
function withoutOwn({ $version: _version, $metadata: _metadata, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** null for each key that is not to be there any more, at every level. */
function nulls(before: JsonObject, after: JsonObject): JsonObject {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return Object.fromEntries(gone.map((key) => [key, null]));
}

function understood<T>(schema: z.ZodType<T>, said: unknown): T {
  const parsed = schema.safeParse(said);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw argumentInvalid(`${issue?.path.join('.')}: ${issue?.message}`);
}

/** As devices see it: both sections with their versions. */
export function twinForDevice({ desired, reported }: Twin): {
  readonly desired: JsonObject;
  readonly reported: JsonObject;
} {
  const seen = ({ value, version }: TwinSection): JsonObject => ({ ...value, $version: version satisfies Json });
  return { desired: seen(desired), reported: seen(reported) };
}
