import { z } from 'zod';
import type { InvocationSource } from './invoker.ts';

const permissionProperties = z.strictObject({
  Action: z.literal('lambda:InvokeFunction'),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().startsWith('arn:').optional(),
  SourceAccount: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
});

/** One statement of a function's resource policy. */
export interface FunctionPermission {
  readonly functionName: string;
  readonly principal: string;
  readonly sourceArn: string | undefined;
  readonly sourceAccount: string | undefined;
}

/** The name in `name`, `arn:…:function:name` or a reference to `$LATEST`; versions and aliases are unknown here. */
export function functionNameOf(reference: string): string {
  const parts = reference.split(':');
  if (parts.length === 1) return reference;
  const [prefix, , service, , , kind, name, qualifier] = parts;
  const understood = prefix === 'arn' && service === 'lambda' && kind === 'function' && name !== undefined;
  if (!understood || (qualifier !== undefined && qualifier !== '$LATEST') || parts.length > 8) {
    throw new Error(`${reference} is not a function of the local cloud (versions and aliases are not supported)`);
  }
  return name;
}

/** Throws on any property or value that is not understood. */
export function functionPermission(properties: unknown): FunctionPermission {
  const parsed = permissionProperties.safeParse(properties);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { FunctionName, Principal, SourceArn, SourceAccount } = parsed.data;
  return {
    functionName: functionNameOf(FunctionName),
    principal: Principal,
    sourceArn: SourceArn,
    sourceAccount: SourceAccount,
  };
}

/**
 * `ArnLike`: the six parts of an ARN are compared one by one, `*` stands for any characters, `?` for one
 * (IAM User Guide, "Amazon Resource Name condition operators").
 */
export function arnLike(pattern: string, arn: string): boolean {
  const wanted = partsOf(pattern);
  const given = partsOf(arn);
  return wanted.length === given.length && wanted.every((part, index) => like(part, given[index] ?? ''));
}

function partsOf(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Whether the policy lets this caller in. An event source polls with the function's own role: it needs none. */
export function permits(
  permissions: readonly FunctionPermission[],
  source: InvocationSource,
  accountId: string,
): boolean {
  if (source.kind === 'event-source') return true;
  // Some services' ARNs carry no account (S3); the account of the local cloud is the only one there is.
  const sourceAccount = source.sourceArn.split(':')[4] || accountId;
  return permissions.some(
    (permission) =>
      permission.principal === source.principal &&
      (permission.sourceArn === undefined || arnLike(permission.sourceArn, source.sourceArn)) &&
      (permission.sourceAccount === undefined || permission.sourceAccount === sourceAccount),
  );
}
