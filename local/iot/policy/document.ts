import * as z from 'zod/mini';
import { AwsError } from '#local/aws-error.ts';

const texts = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((one) => (typeof one === 'string' ? [one] : one)),
);
const scalar = z.union([z.string(), z.boolean(), z.number()]);
const values = z.pipe(
  z.union([scalar, z.array(scalar)]),
  z.transform((one) => (Array.isArray(one) ? one : [one]).map(String)),
);

const statementShape = z.strictObject({
  Sid: z.optional(z.string()),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts,
  Resource: texts,
  Condition: z.optional(z.record(z.string(), z.record(z.string(), values))),
});

const documentShape = z.strictObject({
  Version: z.optional(z.enum(['2012-10-17', '2008-10-17'])),
  Id: z.optional(z.string()),
  Statement: z.pipe(
    z.union([statementShape, z.array(statementShape).check(z.minLength(1))]),
    z.transform((one) => (Array.isArray(one) ? one : [one])),
  ),
});

export type IotPolicyDocument = z.infer<typeof documentShape>;
export type IotStatement = z.infer<typeof statementShape>;

const malformed = (reason: string) => new AwsError('MalformedPolicyException', 400, reason);
const longest = 2048;

/**
 * Reads the text of an IoT policy. Throws `AwsError` MalformedPolicyException: not JSON, an element that IoT
 * policies do not have (`Principal`, `NotAction` …), more than 2,048 characters without whitespace.
 */
export function parsePolicyDocument(text: string): IotPolicyDocument {
  const length = text.replaceAll(/\s/g, '').length;
  if (length > longest)
    throw malformed(`The policy has ${length} characters without whitespace; ${longest} are allowed.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw malformed(`The policy is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = documentShape.safeParse(json);
  if (!parsed.success) throw malformed(`The policy is malformed: ${z.prettifyError(parsed.error)}`);
  for (const { Action } of parsed.data.Statement) {
    const unknown = Action.find((action) => !/^(\*|[a-zA-Z0-9*?-]+:[a-zA-Z0-9*?]+)$/.test(action));
    if (unknown !== undefined) throw malformed(`"${unknown}" is not an action.`);
  }
  return parsed.data;
}
