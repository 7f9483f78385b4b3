import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { payableValue } from '#shared/sharing/id-values.ts';
import type { PaymentBook } from '#shared/sharing/payments/payment-book.ts';
import { declineReasons } from '#shared/sharing/payments/payments.ts';
import type { PaymentBooks } from '#shared/sharing/payments/sandbox-payments.ts';
import type { Payable } from '#shared/sharing/sharing-id.ts';
import { writtenOrThere } from './document-client.ts';
import { tripKeys } from './trip-keys.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

const entry = { at: z.number(), amount: z.number() };
const declined = z.exactOptional(z.enum(declineReasons));
const paidBy = { currency: z.string(), paymentMethod: z.string(), declined };
const bookItem = z.object({
  reservationId: payableValue,
  version: z.number(),
  entries: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('authorize'), ...entry, ...paidBy }),
      z.object({ kind: z.literal('capture'), ...entry, asked: z.number(), declined }),
      z.object({ kind: z.literal('release'), ...entry }),
      z.object({ kind: z.literal('collect'), ...entry, id: z.string(), ...paidBy }),
      z.object({
        ...{ kind: z.literal('refund'), ...entry, id: z.string() },
        refused: z.exactOptional(z.literal('more-than-taken')),
      }),
    ]),
  ),
});

/** The sandbox provider's ledger: an item for each reservation or charge, which only ever grows. */
export class DynamoPaymentBooks implements PaymentBooks {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(payable: Payable): Promise<PaymentBook | undefined> {
    const get = { TableName: this.#table, Key: tripKeys.payment(payable), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : bookItem.parse(Item);
  }

  save(book: PaymentBook, seen: number | undefined): Promise<boolean> {
    return writtenOrThere(this.#client, {
      ...{ TableName: this.#table, Item: { ...tripKeys.payment(book.reservationId), ...book } },
      ConditionExpression: seen === undefined ? isNew : unchanged,
      ...(seen !== undefined && { ExpressionAttributeValues: { ':seen': seen } }),
    });
  }
}
