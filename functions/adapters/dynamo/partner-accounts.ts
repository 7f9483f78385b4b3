import { type DynamoDBDocumentClient, GetCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { sortableInstant } from '#shared/kernel/base32.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import {
  type AccountBooks,
  type AccountName,
  type JournalEntry,
  type MonthTotal,
  monthOf,
  type PartnerAccount,
  type PartnerReceipt,
} from '#shared/partners/account.ts';
import {
  chargeIdValue,
  operatorIdValue as operatorId,
  reservationIdValue as reservationId,
} from '#shared/sharing/id-values.ts';
import { chargeKinds } from '#shared/sharing/ledger/charge.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import { unlessContended, written, writtenOrThere } from './document-client.ts';

/** Charges of one use: more are nobody's. */
const mostOfUse = 100;

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

/** The one author of the keys of partners' accounts, in the Partners table. */
const accountKeys = {
  partition: ({ operatorId, clientId, currency }: AccountName) => `account#${operatorId}#${currency}#${clientId}`,
  account: (name: AccountName) => ({ pk: accountKeys.partition(name), sk: 'account' }),
  entry: (name: AccountName, { at, reservationId, kind, id }: JournalEntry) => ({
    pk: accountKeys.partition(name),
    sk: `${entriesFrom(at)}#${reservationId}#${kind}#${id}`,
  }),
  /** An entry that names a charge stands here, too. */
  ofUse: (name: AccountName, { at, reservationId, kind, id }: JournalEntry) => ({
    pk: accountKeys.partition(name),
    sk: `${accountKeys.uses(reservationId)}${sortableInstant(at)}#${kind}#${id}`,
  }),
  uses: (reservationId: string) => `use#${reservationId}#`,
  receipt: (name: AccountName, receiptId: string) => ({
    pk: accountKeys.partition(name),
    sk: `receipt#${receiptId}`,
  }),
  month: (name: AccountName, month: string) => ({ pk: accountKeys.partition(name), sk: `month#${month}` }),
};

function entriesFrom(at: number): string {
  return `entry#${sortableInstant(at)}`;
}

const accountItem = z.object({
  ...{ operatorId, clientId: z.string(), currency: z.string(), owed: z.number(), version: z.number() },
  aside: z.record(z.string(), z.number()),
});
const entryItem = z.object({
  ...{ reservationId, kind: z.enum(['fare', 'charge', 'refund']), id: z.string(), at: z.number(), amount: z.number() },
  charge: z.exactOptional(z.object({ chargeId: chargeIdValue, kind: z.enum(chargeKinds), reason: z.string() })),
});
const receiptItem = z.object({
  ...{ receiptId: z.string(), at: z.number(), amount: z.number(), reference: z.exactOptional(z.string()) },
});
const monthItem = z.object({ charged: z.number(), entries: z.number() });
const placed = z.object({ sk: z.string() });

export class DynamoPartnerAccounts implements AccountBooks {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(name: AccountName): Promise<PartnerAccount | undefined> {
    const item = await this.#get(accountKeys.account(name));
    return item === undefined ? undefined : accountItem.parse(item);
  }

  save(account: PartnerAccount, seen: number | undefined): Promise<boolean> {
    return writtenOrThere(this.#client, this.#put(account, seen));
  }

  enter(entry: JournalEntry, account: PartnerAccount, seen: number | undefined): Promise<boolean> {
    const TableName = this.#table;
    const month = {
      ...{ TableName, Key: accountKeys.month(account, monthOf(entry.at)) },
      UpdateExpression: 'ADD charged :amount, entries :one',
      ExpressionAttributeValues: { ':amount': entry.amount, ':one': 1 },
    };
    const ofUse = entry.charge === undefined ? [] : [{ ...accountKeys.ofUse(account, entry), ...entry }];
    const TransactItems = [
      { Put: { TableName, Item: { ...accountKeys.entry(account, entry), ...entry }, ConditionExpression: isNew } },
      ...ofUse.map((Item) => ({ Put: { TableName, Item } })),
      { Put: this.#put(account, seen) },
      { Update: month },
    ];
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems }))));
  }

  async isEntered(name: AccountName, entry: JournalEntry): Promise<boolean> {
    return (await this.#get(accountKeys.entry(name, entry))) !== undefined;
  }

  async entries(
    name: AccountName,
    { from: first, to }: { readonly from: number; readonly to: number },
    { limit, from }: PageRequest,
  ): Promise<Page<JournalEntry>> {
    const pk = accountKeys.partition(name);
    if (from !== undefined && !from.startsWith('entry#'))
      throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ConsistentRead: true },
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': pk, ':from': entriesFrom(first), ':to': entriesFrom(to) },
        ...(from !== undefined && { ExclusiveStartKey: { pk, sk: from } }),
      }),
    );
    const items = Items.map((item) => entryItem.parse(item));
    return LastEvaluatedKey === undefined ? { items } : { items, next: placed.parse(LastEvaluatedKey).sk };
  }

  async chargesOf(name: AccountName, wanted: ReservationId): Promise<readonly JournalEntry[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: mostOfUse, ConsistentRead: true },
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :use)',
        ExpressionAttributeValues: { ':pk': accountKeys.partition(name), ':use': accountKeys.uses(wanted) },
      }),
    );
    return Items.map((item) => entryItem.parse(item));
  }

  async month(name: AccountName, month: string): Promise<MonthTotal> {
    const item = await this.#get(accountKeys.month(name, month));
    return { month, ...(item === undefined ? { charged: 0, entries: 0 } : monthItem.parse(item)) };
  }

  async receipt(name: AccountName, receiptId: string): Promise<PartnerReceipt | undefined> {
    const item = await this.#get(accountKeys.receipt(name, receiptId));
    return item === undefined ? undefined : receiptItem.parse(item);
  }

  receive(receipt: PartnerReceipt, account: PartnerAccount, seen: number): Promise<boolean> {
    const Item = { ...accountKeys.receipt(account, receipt.receiptId), ...receipt };
    const TransactItems = [
      { Put: { TableName: this.#table, Item, ConditionExpression: isNew } },
      { Put: this.#put(account, seen) },
    ];
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems }))));
  }

  #put(account: PartnerAccount, seen: number | undefined) {
    const condition =
      seen === undefined
        ? { ConditionExpression: isNew }
        : { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen } };
    return { TableName: this.#table, Item: { ...accountKeys.account(account), ...account }, ...condition };
  }

  async #get(Key: { readonly pk: string; readonly sk: string }): Promise<unknown> {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item;
  }
}
