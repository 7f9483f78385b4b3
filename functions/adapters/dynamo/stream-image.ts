import type { DynamoDBRecord } from 'aws-lambda';

/** A value as DynamoDB itself says it: in a stream record, or beside the reason why a transaction was cancelled. */
interface Attribute {
  readonly S?: string;
  readonly N?: string;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly M?: Readonly<Record<string, Attribute>>;
  readonly L?: readonly Attribute[];
}

/**
 * The item in a stream record, as the document client would give it. Only what our tables store:
 * another type is a fault that must be seen.
 */
export function itemIn(image: Readonly<Record<string, Attribute>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, plain(value)]));
}

/** The same when the record comes again. A sequence number alone may be that of another stream's record, too. */
export function changeIdOf({ eventID }: DynamoDBRecord): string {
  if (eventID === undefined) throw new Error('A stream record has no eventID');
  return eventID;
}

function plain(value: Attribute): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.M !== undefined) return itemIn(value.M);
  if (value.L !== undefined) return value.L.map(plain);
  throw new TypeError(`An attribute of type ${Object.keys(value).join()} in a stream record`);
}
