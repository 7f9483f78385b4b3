import { z } from 'zod';
import { AwsError } from '#local/aws-error.ts';

// One value may stand for a list of one, everywhere in a policy.
const listOf = <Shape extends z.ZodType>(shape: Shape) =>
  z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(shape).min(1));
const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);

const statementShape = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: listOf(z.string()),
  Resource: listOf(z.string()),
  // `ForAllValues` with an empty list has a meaning of its own
  Condition: z
    .record(z.string(), z.record(z.string(), z.union([scalar.transform((one) => [one]), z.array(scalar)])))
    .optional(),
});

const documentShape = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: listOf(statementShape),
});

export type IotPolicyDocument = z.infer<typeof documentShape>;

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
