import type { z } from 'zod';
import { argumentInvalid } from '../hub/hub-error.ts';
import type { HubRequest } from './route.ts';

/** @throws HubError ArgumentInvalid for what is not JSON */
export function jsonOf({ body }: HubRequest): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw argumentInvalid('BadFormat: the body is no JSON');
  }
}

/** @throws HubError ArgumentInvalid naming the member that is wrong */
export function understoodBody<T>(schema: z.ZodType<T>, request: HubRequest): T {
  const parsed = schema.safeParse(jsonOf(request));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw argumentInvalid(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not understood'}`);
}
