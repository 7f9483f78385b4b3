import * as z from 'zod/mini';
import { RefusedUpdate } from './attack.ts';
import { type ReadKey, type ReadRole, readKeys, roleSchema } from './key-reader.ts';

/** Who else may speak for which images. */
export interface ReadDelegation {
  readonly paths: readonly string[];
  readonly hardwareIds?: readonly string[] | undefined;
  readonly terminating: boolean;
  /** More than one: all must say the same of an image. */
  readonly roles: readonly ReadDelegatedRole[];
}

export interface ReadDelegatedRole extends ReadRole {
  readonly name: string;
  /** The file that holds it, without `.json`. */
  readonly file: string;
  readonly keys: ReadonlyMap<string, ReadKey>;
}

const paths = z.array(z.string()).check(z.minLength(1));
const scope = {
  paths,
  hardwareIds: z.optional(z.array(z.string())),
  terminating: z.optional(z.boolean()),
};

/** TUF's form: `delegations: {keys, roles: [{name, paths, keyids, threshold, terminating}]}`. */
const singleForm = z.object({
  keys: z.unknown(),
  roles: z.array(z.extend(roleSchema, { name: z.string(), ...scope })),
});

/** TAP 3's form: `keys` and `roles` stand beside `delegations: [{paths, roles: [name], terminating}]`. */
const multipleForm = z.object({
  keys: z.unknown(),
  roles: z.record(z.string(), z.extend(roleSchema, { filename: z.optional(z.string()) })),
  delegations: z.array(z.object({ ...scope, roles: z.array(z.string()).check(z.minLength(1)) })),
});

/** @throws RefusedUpdate `malformed` */
export function readDelegations(written: {
  readonly delegations: unknown;
  readonly keys: unknown;
  readonly roles: unknown;
}): readonly ReadDelegation[] {
  const { delegations } = written;
  if (delegations === undefined || delegations === null) return [];
  if (!Array.isArray(delegations)) {
    const { keys, roles } = parsed(singleForm, delegations);
    const known = readKeys(keys);
    return roles.map(({ name, keyids, threshold, paths: its, hardwareIds, terminating }) => ({
      paths: its,
      hardwareIds,
      terminating: terminating ?? false,
      roles: [{ name, file: name, keyids, threshold, keys: known }],
    }));
  }
  return multiple(written);
}

function multiple(written: unknown): readonly ReadDelegation[] {
  const { keys, roles, delegations } = parsed(multipleForm, written);
  const known = readKeys(keys);
  const named = new Map(Object.entries(roles));
  return delegations.map(({ paths: its, hardwareIds, terminating, roles: names }) => ({
    paths: its,
    hardwareIds,
    terminating: terminating ?? false,
    roles: names.map((name) => {
      const role = named.get(name);
      if (role === undefined) throw new RefusedUpdate('malformed', `Targets metadata delegates to an unknown ${name}`);
      return { name, file: role.filename?.replace(/\.json$/, '') ?? name, ...role, keys: known };
    }),
  }));
}

function parsed<Schema extends z.ZodMiniType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new RefusedUpdate('malformed', `Targets metadata's delegations: /${issue?.path.join('/')}: ${issue?.message}`);
}
