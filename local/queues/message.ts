import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A custom attribute, as the JSON protocol carries it: binary values in base64. */
const messageAttribute = z.object({
  DataType: z.string().regex(/^(String|Number|Binary)(\..+)?$/, 'must be String, Number or Binary'),
  StringValue: z.string().min(1).optional(),
  BinaryValue: z.string().min(1).optional(),
});
export const messageAttributes = z.record(z.string().regex(/^[\w.-]{1,256}$/), messageAttribute);

export type MessageAttributes = Readonly<z.infer<typeof messageAttributes>>;

/** What is written once a message. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sender: string;
  readonly sentAt: number;
  /** The queue that gave the message up. */
  readonly deadLetterSource?: string;
  readonly traceHeader?: string;
}

/** What changes with every receipt. */
export interface Delivery {
  readonly receives: number;
  readonly firstReceivedAt?: number;
  readonly visibleAt: number;
  /** The part of the latest receipt handle that makes it unique. */
  readonly receipt?: string;
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/**
 * The digest that SDKs compare: names in order, each name, type and value with its length before it, 1 for a string
 * and 2 for binary (SQS developer guide, "Calculating the MD5 message digest for message attributes").
 */
export function attributesMd5(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const withLength = (value: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(value.length);
    hash.update(length).update(value);
  };
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    withLength(Buffer.from(name));
    withLength(Buffer.from(attribute.DataType));
    const binary = attribute.DataType.startsWith('Binary');
    hash.update(Buffer.from([binary ? 2 : 1]));
    withLength(attributeValue(attribute));
  }
  return hash.digest('hex');
}

function attributeValue(attribute: z.infer<typeof messageAttribute>): Buffer {
  if (attribute.DataType.startsWith('Binary')) return Buffer.from(attribute.BinaryValue ?? '', 'base64');
  return Buffer.from(attribute.StringValue ?? '');
}

/** Bytes that count against the limit: the body and the attributes' names, types and values. */
export function messageSize(body: string, attributes: MessageAttributes): number {
  let size = Buffer.byteLength(body);
  for (const [name, attribute] of Object.entries(attributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + attributeValue(attribute).length;
  }
  return size;
}

/** XML 1.0 characters: what SQS takes in a body (API reference, SendMessage). */
export function allowedCharacters(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the rule is about control characters
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(
    text,
  );
}
