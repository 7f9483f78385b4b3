import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';

/**
 * The item in a stream record, as the document client would give it. Only what the Registry stores:
 * another type is a fault that must be seen.
 */
export function itemIn(image: Readonly<Record<string, AttributeValue>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, plain(value)]));
}

/** The same when the record comes again. A sequence number alone may be that of another stream's record, too. */
export function changeIdOf({ eventID }: DynamoDBRecord): string {
  if (eventID === undefined) throw new Error('A stream record has no eventID');
  return eventID;
}

function plain(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.M !== undefined) return itemIn(value.M);
  if (value.L !== undefined) return value.L.map(plain);
  throw new TypeError(`An attribute of type ${Object.keys(value).join()} in a stream record`);
}
