import { z } from 'zod';
import type { LocalClock } from '#local/clock.ts';
import type { Json, JsonObject } from '#local/iot/shadows/json.ts';
import type { Collection, State } from '#local/state/collection.ts';
import { matches, twinEtag } from './etag.ts';
import { argumentInvalid, HubError } from './hub-error.ts';
import type { Identities } from './identities.ts';
import { Listeners } from './listeners.ts';
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
    .object({ desired: object.nullish(), reported: z.undefined('only the device writes it').optional() })
    .nullish(),
});

/** The twins. Every method throws `HubError`. */
export class Twins {
  readonly desired = new Listeners<DesiredChange>();
  readonly changed = new Listeners<TwinChange>();
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

  etag(deviceId: string): string {
    return twinEtag(this.get(deviceId).writes);
  }

  /** @param patch `{ tags?, properties?: { desired? } }` @param ifMatch the etag; undefined or `*`: whatever there is */
  patchByService(deviceId: string, patch: unknown, ifMatch?: string): Twin {
    const before = this.get(deviceId);
    if (!matches(ifMatch, twinEtag(before.writes))) {
      throw new HubError('PreconditionFailed', `Twin version did not match, existing etag: ${twinEtag(before.writes)}`);
    }
    const { tags, properties } = understood(servicePatchSchema, patch);
    const desired = properties?.desired ?? undefined;
    const after: Twin = {
      ...before,
      version: before.version + 1,
      writes: before.writes + 1,
      tags: mergeTwin(before.tags, tags ?? {}),
      ...(desired !== undefined && { desired: this.#merged(before.desired, desired, true) }),
    };
    this.#twins.set(deviceId, after);
    this.changed.tell({
      ...{ deviceId, operation: 'updateTwin', version: after.version },
      ...(tags && { tags }),
      ...(desired !== undefined && { properties: { desired: { ...desired, $version: after.desired.version } } }),
    });
    if (desired !== undefined) this.desired.tell({ deviceId, patch: desired, version: after.desired.version });
    return after;
  }

  /** @returns the version of the reported section */
  patchReported(deviceId: string, patch: unknown): number {
    const before = this.get(deviceId);
    const said = understood(object, patch);
    const after: Twin = {
      ...before,
      version: before.version + 1,
      reported: this.#merged(before.reported, said, false),
    };
    this.#twins.set(deviceId, after);
    const { version } = after.reported;
    this.changed.tell({
      ...{ deviceId, operation: 'updateTwin', version: after.version },
      properties: { reported: { ...said, $version: version } },
    });
    return version;
  }

  #merged(before: TwinSection, patch: JsonObject, counted: boolean): TwinSection {
    const version = before.version + 1;
    const stamp: JsonObject = { $lastUpdated: this.#now(), ...(counted && { $lastUpdatedVersion: version }) };
    return {
      value: mergeTwin(before.value, patch),
      metadata: mergeMetadata(before.metadata, patch, stamp),
      version,
    };
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
