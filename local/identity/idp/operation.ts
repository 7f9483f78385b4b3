import { z } from 'zod';
import type { People } from '../people/people.ts';
import type { UserPool, UserPools } from '../user-pool.ts';
import { invalidParameter, refusal } from './refusals.ts';

export interface IdpParts {
  readonly pools: UserPools;
  readonly people: People;
  readonly region: string;
  readonly accountId: string;
  now(): number;
}

/** A call whose input was read. */
export interface IdpCall {
  /** Undefined: the operation is not for callers of AWS, but for whoever holds a password or a token. */
  readonly poolId: string | undefined;
  run(): Promise<object>;
}

/** One operation of Cognito's API: reads its input, says whose permission it needs, runs. */
export type IdpOperation = (input: unknown, parts: IdpParts) => IdpCall;

/** Authorized by what it carries: a password, a refresh token, an access token. */
export function openOperation<T>(
  schema: z.ZodType<T>,
  run: (input: T, parts: IdpParts) => Promise<object>,
): IdpOperation {
  return (raw, parts) => {
    const input = parse(schema, raw);
    return { poolId: undefined, run: () => run(input, parts) };
  };
}

/** Authorized by IAM, for one pool. */
export function administratorOperation<T extends { readonly UserPoolId: string }>(
  schema: z.ZodType<T>,
  run: (input: T, pool: UserPool, parts: IdpParts) => Promise<object>,
): IdpOperation {
  return (raw, parts) => {
    const input = parse(schema, raw);
    return { poolId: input.UserPoolId, run: async () => run(input, poolOf(input.UserPoolId, parts), parts) };
  };
}

function poolOf(poolId: string, { pools }: IdpParts): UserPool {
  const pool = pools.findPool(poolId);
  if (pool === undefined) throw refusal('ResourceNotFoundException', `User pool ${poolId} does not exist.`);
  return pool;
}

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidParameter(z.prettifyError(parsed.error));
}
