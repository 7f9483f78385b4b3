import type { JsonObject } from '#local/iot/shadows/json.ts';
import { parseQuery } from './query/parse-query.ts';
import { filter, type Row, select } from './query/select.ts';
import type { Expression, Query } from './query/syntax.ts';
import { type TwinSource, twinAnswer } from './twin-answer.ts';

export interface QueryResult {
  readonly type: 'Twin' | 'Raw' | 'DeviceJob';
  /** In the order of their keys. */
  readonly rows: readonly Row[];
}

/** Questions to all devices of a hub. The service answers from an index that lags; this one is always up to date. */
export class Queries {
  readonly #hub: TwinSource;
  readonly #jobRows: () => Iterable<Row>;

  constructor(hub: TwinSource, jobRows: () => Iterable<Row>) {
    this.#hub = hub;
    this.#jobRows = jobRows;
  }

  /** @throws HubError ArgumentInvalid */
  run(source: string): QueryResult {
    const query = parseQuery(source);
    if (query.from === 'devices.jobs') return { type: 'DeviceJob', rows: select(unprefixed(query), this.#jobRows()) };
    return { type: query.selected === undefined ? 'Twin' : 'Raw', rows: select(query, this.#devices()) };
  }

  /** The devices that fulfil a condition; without one all. */
  matching(where: Expression | undefined): readonly string[] {
    return filter({ where }, this.#devices()).map(({ key }) => key);
  }

  #devices(): readonly Row[] {
    const ids = [...this.#hub.identities.all()].map(({ deviceId }) => deviceId);
    return ids.sort().map((key) => ({ key, value: asJson(twinAnswer(this.#hub, key)) }));
  }
}

/** `devices.jobs.jobId` is `jobId` of the row. */
function unprefixed(query: Query): Query {
  return { ...query, ...(query.where !== undefined && { where: withoutPrefix(query.where) }) };
}

function withoutPrefix(expression: Expression): Expression {
  switch (expression.kind) {
    case 'path':
    case 'isDefined': {
      const [first, second, ...rest] = expression.path;
      return first === 'devices' && second === 'jobs' ? { ...expression, path: rest } : expression;
    }
    case 'compare':
    case 'arithmetic':
    case 'and':
    case 'or':
      return { ...expression, left: withoutPrefix(expression.left), right: withoutPrefix(expression.right) };
    case 'not':
      return { ...expression, inner: withoutPrefix(expression.inner) };
    case 'in':
      return { ...expression, value: withoutPrefix(expression.value) };
    case 'literal':
      return expression;
  }
}

function asJson(value: object): JsonObject {
  return Object.fromEntries(Object.entries(value));
}
