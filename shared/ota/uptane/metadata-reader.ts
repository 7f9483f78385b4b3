import * as z from 'zod/mini';
import type { Instant } from '../../kernel/clock.ts';
import { RefusedUpdate } from './attack.ts';
import { canonicalForms, utf8 } from './canonical.ts';
import { type ReadDelegation, readDelegations } from './delegation-reader.ts';
import type { Hashes } from './key.ts';
import { hashesSchema, type ReadKey, type ReadRole, readKeys, roleSchema } from './key-reader.ts';
import type { TopRole } from './metadata.ts';

/**
 * Metadata as anybody's repository may write it: what the standard does not name is ignored, two spellings of the
 * same are read alike. Whatever is read here is not trusted yet.
 */
export interface ReadFile<Content> {
  readonly text: string;
  /** The file's own bytes: what Snapshot and Timestamp list. */
  readonly bytes: Uint8Array;
  readonly signatures: readonly ReadSignature[];
  /** The canonical form of `signed`. */
  readonly signedBytes: Uint8Array;
  /** Every form that a signature may be over. */
  readonly signedForms: readonly Uint8Array[];
  readonly content: Content;
}

export interface ReadSignature {
  readonly keyid: string;
  readonly method?: string | undefined;
  readonly sig: string;
}

interface Dated {
  readonly version: number;
  readonly expiresAt: Instant;
}

export interface ReadRoot extends Dated {
  readonly consistentSnapshot: boolean;
  readonly keys: ReadonlyMap<string, ReadKey>;
  readonly roles: ReadonlyMap<TopRole, ReadRole>;
}

export interface ReadFileMeta {
  readonly version: number;
  readonly length?: number | undefined;
  readonly hashes?: Hashes | undefined;
}

export interface ReadTimestamp extends Dated {
  readonly snapshot: ReadFileMeta;
  readonly issuedAt?: Instant;
}

export interface ReadSnapshot extends Dated {
  readonly meta: ReadonlyMap<string, ReadFileMeta>;
}

export interface ReadTarget {
  readonly length: number;
  readonly hashes: Hashes;
  readonly custom: unknown;
}

export interface ReadTargets extends Dated {
  readonly targets: ReadonlyMap<string, ReadTarget>;
  readonly delegations: readonly ReadDelegation[];
  readonly custom: unknown;
}

const file = z.object({
  signatures: z.array(z.object({ keyid: z.string(), method: z.optional(z.string()), sig: z.string() })),
  signed: z.record(z.string(), z.unknown()),
});

const instant = z.string().check(
  z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
  z.refine((text) => Number.isFinite(Date.parse(text)), 'is no date'),
);
const dated = { version: z.int().check(z.positive()), expires: instant };

const fileMetaSchema = z.object({
  version: z.int().check(z.positive()),
  length: z.optional(z.int().check(z.nonnegative())),
  hashes: z.optional(hashesSchema),
});

const rootSchema = z.object({
  ...dated,
  consistent_snapshot: z.optional(z.boolean()),
  keys: z.unknown(),
  roles: z.object({
    root: roleSchema,
    targets: roleSchema,
    snapshot: z.optional(roleSchema),
    timestamp: z.optional(roleSchema),
  }),
});

/** @throws RefusedUpdate `malformed` */
export function readRoot(text: string): ReadFile<ReadRoot> {
  return read(text, 'Root', rootSchema, ({ roles, keys, consistent_snapshot, ...rest }) => ({
    ...datedOf(rest),
    consistentSnapshot: consistent_snapshot ?? false,
    keys: readKeys(keys),
    roles: new Map<TopRole, ReadRole>([
      ['root', roles.root],
      ['targets', roles.targets],
      ...(roles.snapshot === undefined ? [] : [['snapshot', roles.snapshot] as const]),
      ...(roles.timestamp === undefined ? [] : [['timestamp', roles.timestamp] as const]),
    ]),
  }));
}

const timestampSchema = z.object({
  ...dated,
  meta: z.object({ 'snapshot.json': fileMetaSchema }),
  custom: z.optional(z.object({ issuedAt: z.optional(instant) })),
});

/** @throws RefusedUpdate `malformed` */
export function readTimestamp(text: string): ReadFile<ReadTimestamp> {
  return read(text, 'Timestamp', timestampSchema, ({ meta, custom, ...rest }) => ({
    ...datedOf(rest),
    snapshot: meta['snapshot.json'],
    ...(custom?.issuedAt === undefined ? {} : { issuedAt: Date.parse(custom.issuedAt) }),
  }));
}

const snapshotSchema = z.object({ ...dated, meta: z.record(z.string(), fileMetaSchema) });

/** @throws RefusedUpdate `malformed` */
export function readSnapshot(text: string): ReadFile<ReadSnapshot> {
  return read(text, 'Snapshot', snapshotSchema, ({ meta, ...rest }) => ({
    ...datedOf(rest),
    meta: new Map(Object.entries(meta)),
  }));
}

const targetSchema = z.object({
  length: z.int().check(z.nonnegative()),
  hashes: hashesSchema,
  custom: z.optional(z.unknown()),
});
const targetsSchema = z.object({
  ...dated,
  targets: z.record(z.string(), targetSchema),
  custom: z.optional(z.unknown()),
  delegations: z.optional(z.unknown()),
  keys: z.optional(z.unknown()),
  roles: z.optional(z.unknown()),
});

/** @throws RefusedUpdate `malformed` */
export function readTargets(text: string): ReadFile<ReadTargets> {
  return read(text, 'Targets', targetsSchema, ({ targets, custom, delegations, keys, roles, ...rest }) => ({
    ...datedOf(rest),
    targets: new Map(
      Object.entries(targets).map(([name, { length, hashes, custom: its }]) => [name, { length, hashes, custom: its }]),
    ),
    delegations: readDelegations({ delegations, keys, roles }),
    custom,
  }));
}

function datedOf({ version, expires }: { readonly version: number; readonly expires: string }): Dated {
  return { version, expiresAt: Date.parse(expires) };
}

function read<Schema extends z.ZodMiniType, Content>(
  text: string,
  type: string,
  schema: Schema,
  contentOf: (signed: z.output<Schema>) => Content,
): ReadFile<Content> {
  const { signatures, signed } = accepted(file, jsonOf(text, type), type);
  const said = signed['_type'];
  if (typeof said !== 'string' || said.toLowerCase() !== type.toLowerCase()) {
    throw new RefusedUpdate('malformed', `${type} metadata says that it is ${JSON.stringify(said)}`);
  }
  const content = contentOf(accepted(schema, signed, type));
  const signedForms = formsOf(signed, type);
  return { text, bytes: utf8(text), signatures, signedBytes: signedForms[0], signedForms, content };
}

function jsonOf(text: string, type: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedUpdate('malformed', `${type} metadata is not JSON`);
  }
}

function formsOf(signed: unknown, type: string): readonly [Uint8Array, ...Uint8Array[]] {
  try {
    return canonicalForms(signed);
  } catch {
    // A fraction, or nested so deeply that nothing honest is.
    throw new RefusedUpdate('malformed', `${type} metadata has no canonical form`);
  }
}

function accepted<Schema extends z.ZodMiniType>(schema: Schema, value: unknown, type: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new RefusedUpdate('malformed', `${type} metadata: /${issue?.path.join('/')}: ${issue?.message}`);
}
