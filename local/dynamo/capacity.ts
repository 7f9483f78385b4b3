import { z } from 'zod';
import type { Units } from '#local/trace/hop-record.ts';

type Input = Readonly<Record<string, unknown>>;

const consumedCapacity = z.object({ CapacityUnits: z.number() });
const capacities = z.union([consumedCapacity.transform((one) => [one]), z.array(consumedCapacity)]);
const answer = z.looseObject({ ConsumedCapacity: capacities });

const reads: ReadonlySet<string> = new Set(['BatchGetItem', 'GetItem', 'Query', 'Scan', 'TransactGetItems']);
const writes: ReadonlySet<string> = new Set([
  'BatchWriteItem',
  'DeleteItem',
  'PutItem',
  'TransactWriteItems',
  'UpdateItem',
]);

/** Whether to ask the engine what an operation consumes, since its caller does not. */
export function isMetered(operation: string, input: Input): boolean {
  return (reads.has(operation) || writes.has(operation)) && input['ReturnConsumedCapacity'] === undefined;
}

/** The call with the question in it. */
export function metered(body: Buffer): Buffer {
  const question = '{"ReturnConsumedCapacity":"TOTAL",';
  const text = body.toString('utf8');
  return Buffer.from(question + text.slice(text.indexOf('{') + 1));
}

/** Takes the engine's figures out of the answer, for the caller did not ask for them. */
export function unmetered(operation: string, body: Buffer): { readonly body: Buffer; readonly units: Units } {
  const json: unknown = JSON.parse(body.toString('utf8'));
  const parsed = answer.safeParse(json);
  if (!parsed.success) return { body, units: {} };
  const { ConsumedCapacity: consumed, ...rest } = parsed.data;
  const units = consumed.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
  return {
    body: Buffer.from(JSON.stringify(rest)),
    units: reads.has(operation) ? { readUnits: units } : { writeUnits: units },
  };
}
