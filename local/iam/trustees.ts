import { z } from 'zod';
import type { Principal } from './principal.ts';

/** Who asks: somebody with an access key, or an AWS service on its own behalf. */
export type Caller = Principal | { readonly kind: 'service'; readonly name: string };

/**
 * How a `Principal` element fits a caller. `account` is the whole account: in the same account that only
 * hands the decision to the identity policies, it does not decide by itself.
 */
export type Fit = 'named' | 'account' | 'no';

export type Trustees = (caller: Caller) => Fit;

const names = z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]);
const schema = z.union([z.literal('*'), z.strictObject({ AWS: names, Service: names })]);

/** @throws Error on federated and canonical users, which do not exist locally */
export function compileTrustees(principal: unknown): Trustees {
  const parsed = schema.safeParse(principal);
  if (!parsed.success) throw new Error(`the Principal ${JSON.stringify(principal)} is not understood`);
  const everybody = parsed.data === '*' || parsed.data.AWS.includes('*');
  const services = new Set(parsed.data === '*' ? [] : parsed.data.Service);
  const identities = parsed.data === '*' ? [] : parsed.data.AWS.filter((name) => name !== '*');
  const accounts = new Set(identities.map(accountOf).filter((account) => account !== undefined));
  const arns = new Set(identities.filter((name) => accountOf(name) === undefined));
  for (const arn of arns) {
    if (!/^arn:aws:(iam|sts)::\d{12}:[^*]+$/.test(arn)) throw new Error(`the principal ${arn} is malformed`);
  }
  return (caller) => {
    if (caller.kind === 'service') return everybody || services.has(caller.name) ? 'named' : 'no';
    if (everybody || arns.has(caller.arn)) return 'named';
    return accounts.has(caller.arn.split(':')[4] ?? '') ? 'account' : 'no';
  };
}

function accountOf(name: string): string | undefined {
  return /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(name)?.[1];
}
