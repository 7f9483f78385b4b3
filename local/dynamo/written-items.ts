import { currentHeader } from '#local/trace/context.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** An item that a call writes: by its key, or whole where the call replaces it. */
interface Written {
  readonly table: string;
  readonly item: Attributes;
}

interface Remembered extends Written {
  readonly header: string;
  readonly at: number;
}

const most = 2_000;
/** A write that changed nothing makes no record: it must not pass for the next one's. */
const remembersMs = 10_000;

/** Which trace wrote an item, until the record of that comes out of the table's stream. */
export class WrittenItems {
  /** The oldest first. */
  readonly #remembered = new Set<Remembered>();
  /** By table and partition: each record of a stream asks. */
  readonly #places = new Map<string, Set<Remembered>>();

  /**
   * Call it before the write, whose record may be out of the stream before its answer is here, and what it gives if
   * the write was refused. Without a trace there is nothing to remember.
   */
  remember(items: readonly Written[], now: number): () => void {
    const header = currentHeader();
    if (header === undefined || items.length === 0) return () => {};
    const remembered = items.map((written) => ({ ...written, header, at: now }));
    for (const one of remembered) this.#add(one);
    for (const oldest of this.#remembered) {
      if (this.#remembered.size <= most) break;
      this.#forget(oldest);
    }
    return () => {
      for (const one of remembered) this.#forget(one);
    };
  }

  /**
   * The traces that may have caused a record: all that lately wrote its item. The first of them is not asked again,
   * for records come in the order of the writes.
   */
  take(table: string, key: Attributes, now: number): readonly string[] {
    const causes = [...(this.#places.get(placeOf(table, key)) ?? [])].filter(
      (one) => now - one.at <= remembersMs && one.table === table && has(one, key),
    );
    const [first] = causes;
    if (first !== undefined) this.#forget(first);
    return [...new Set(causes.map(({ header }) => header))];
  }

  #add(one: Remembered): void {
    const place = placeOf(one.table, one.item);
    this.#remembered.add(one);
    this.#places.set(place, (this.#places.get(place) ?? new Set()).add(one));
  }

  #forget(one: Remembered): void {
    const place = placeOf(one.table, one.item);
    const others = this.#places.get(place);
    this.#remembered.delete(one);
    others?.delete(one);
    if (others?.size === 0) this.#places.delete(place);
  }
}

/** The house's tables all have `pk`; of others, all that was written to one stands in one place. */
function placeOf(table: string, attributes: Attributes): string {
  return `${table} ${String(scalar(attributes['pk']))}`;
}

function has({ item }: Written, key: Attributes): boolean {
  return Object.entries(key).every(([name, value]) => scalar(item[name]) === scalar(value));
}

/** Keys are scalars: `{"S":"…"}`. */
function scalar(value: unknown): unknown {
  return Object.values(Object(value))[0];
}

/** What a call of DynamoDB writes; nothing for a call that reads. */
export function itemsWrittenBy(operation: string, input: Attributes, tableName: (given: unknown) => string): Written[] {
  switch (operation) {
    case 'PutItem':
      return [{ table: tableName(input['TableName']), item: Object(input['Item']) }];
    case 'UpdateItem':
    case 'DeleteItem':
      return [{ table: tableName(input['TableName']), item: Object(input['Key']) }];
    case 'BatchWriteItem':
      return Object.entries(Object(input['RequestItems'])).flatMap(([table, requests]) =>
        listOf(requests).map((request) => ({ table: tableName(table), item: itemOf(request) })),
      );
    case 'TransactWriteItems':
      return listOf(input['TransactItems']).flatMap((item) =>
        Object.entries(item).flatMap(([kind, target]) =>
          kind === 'ConditionCheck' ? [] : [{ table: tableName(Object(target)['TableName']), item: itemOf(item) }],
        ),
      );
    default:
      return [];
  }
}

function listOf(value: unknown): Attributes[] {
  return Array.isArray(value) ? value.map((one: unknown) => Object(one)) : [];
}

/** `{Put: {Item}}`, `{DeleteRequest: {Key}}` … */
function itemOf(request: Attributes): Attributes {
  const [target] = Object.values(request).map((one) => Object(one));
  return Object(target?.['Item'] ?? target?.['Key']);
}
