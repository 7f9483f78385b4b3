import { randomUUID } from 'node:crypto';
import { dataFunctions } from './data-functions.ts';
import { mathFunctions } from './math-functions.ts';
import type { SqlFunction } from './sql-function.ts';
import { textFunctions } from './text-functions.ts';
import { toInt, type Value } from './values.ts';

const contextFunctions: Readonly<Record<string, SqlFunction>> = {
  topic: { arguments: [0, 1], call: (values, { topic }) => (values.length === 0 ? topic : level(topic, values[0])) },
  timestamp: { arguments: [0, 0], call: (_, { timestamp }) => timestamp },
  clientid: { arguments: [0, 0], call: (_, { clientId }) => clientId ?? 'n/a' },
  principal: { arguments: [0, 0], call: (_, { principal }) => principal },
  accountid: { arguments: [0, 0], call: (_, { accountId }) => accountId },
  traceid: { arguments: [0, 0], call: (_, { traceId }) => traceId },
  newuuid: { arguments: [0, 0], call: () => randomUUID() },
  sql_version: { arguments: [0, 0], call: () => '2016-03-23' },
};

/** The first level of a topic is 1. */
function level(topic: string, index: Value): Value {
  const wanted = toInt(index);
  return wanted === undefined ? undefined : topic.split('/')[wanted - 1];
}

const functions: ReadonlyMap<string, SqlFunction> = new Map(
  Object.entries({ ...contextFunctions, ...dataFunctions, ...textFunctions, ...mathFunctions }),
);

/** @param name in any case */
export function functionNamed(name: string): SqlFunction | undefined {
  return functions.get(name.toLowerCase());
}
