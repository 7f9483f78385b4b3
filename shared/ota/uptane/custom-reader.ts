import * as z from 'zod/mini';
import { RefusedUpdate } from './attack.ts';
import type { Delta, UpdateCustom } from './custom.ts';

/** What the Director says of an image, in the spellings of the published implementations. */
export interface ReadDirectorCustom {
  readonly ecus: readonly ReadEcu[];
  readonly releaseCounter?: number | undefined;
  readonly softwareVersion?: string | undefined;
}

interface ReadEcu {
  readonly ecuId: string;
  readonly hardwareId?: string | undefined;
  readonly delta?: Delta | undefined;
}

export interface ReadImageCustom {
  /** Undefined where the repository does not say. */
  readonly hardwareIds?: readonly string[] | undefined;
  readonly releaseCounter?: number | undefined;
  readonly softwareVersion?: string | undefined;
  readonly releaseId?: string | undefined;
  readonly deltas: readonly Delta[];
}

const counter = z.optional(z.int().check(z.nonnegative()));
const text = z.optional(z.string());
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const deltaSchema = z.object({
  path: z.string(),
  length: z.int().check(z.nonnegative()),
  fromSha256: sha256,
  sha256,
});

const directorSchema = z.object({
  ecuIdentifiers: z.optional(z.record(z.string(), z.object({ hardwareId: text, delta: z.optional(deltaSchema) }))),
  /** Older spellings, for one control unit. */
  ecuIdentifier: text,
  hardwareId: text,
  ecu_identifier: text,
  hardware_identifier: text,
  release_counter: counter,
  releaseCounter: counter,
  softwareVersion: text,
});

/** @throws RefusedUpdate `malformed` */
export function readDirectorCustom(custom: unknown): ReadDirectorCustom {
  const said = parsed(directorSchema, custom, 'Director');
  const releaseCounter = said.releaseCounter ?? said.release_counter;
  const common = { releaseCounter, softwareVersion: said.softwareVersion };
  if (said.ecuIdentifiers !== undefined) {
    return { ...common, ecus: Object.entries(said.ecuIdentifiers).map(([ecuId, its]) => ({ ecuId, ...its })) };
  }
  const ecuId = said.ecuIdentifier ?? said.ecu_identifier;
  const hardwareId = said.hardwareId ?? said.hardware_identifier;
  return { ...common, ecus: ecuId === undefined ? [] : [{ ecuId, hardwareId }] };
}

const imageSchema = z.object({
  hardwareIds: z.optional(z.array(z.string())),
  hardwareId: text,
  releaseCounter: counter,
  softwareVersion: text,
  releaseId: text,
  deltas: z.optional(z.array(deltaSchema)),
});

/** @throws RefusedUpdate `malformed` */
export function readImageCustom(custom: unknown): ReadImageCustom {
  const { hardwareIds, hardwareId, deltas, ...rest } = parsed(imageSchema, custom, 'Image repository');
  const ids = hardwareIds ?? (hardwareId === undefined ? undefined : [hardwareId]);
  return { ...rest, hardwareIds: ids, deltas: deltas ?? [] };
}

const updateSchema = z.object({
  campaignId: z.string(),
  releaseId: z.string(),
  softwareVersion: z.string(),
  preconditions: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('parked') }),
      z.object({ kind: z.literal('ignition-off') }),
      z.object({ kind: z.literal('battery'), percent: z.number() }),
      z.object({ kind: z.literal('not-charging') }),
    ]),
  ),
  rxswins: z.exactOptional(z.record(z.string(), z.object({ before: z.string(), after: z.string() }))),
});

/** @throws RefusedUpdate `malformed` */
export function readUpdateCustom(custom: unknown): UpdateCustom {
  return parsed(updateSchema, custom, 'Director');
}

function parsed<Schema extends z.ZodMiniType>(schema: Schema, custom: unknown, whose: string): z.output<Schema> {
  const result = schema.safeParse(custom ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new RefusedUpdate(
    'malformed',
    `custom of the ${whose}'s Targets: /${issue?.path.join('/')}: ${issue?.message}`,
  );
}
