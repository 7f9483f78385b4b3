import { setTimeout as pause } from 'node:timers/promises';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import { keptUntil, type LedgerDocument } from '#shared/sharing/ledger/document.ts';
import { type Recipient, recipient as recipientShape } from '#shared/sharing/ledger/issuer.ts';
import type { LedgerLine, LineKey } from '#shared/sharing/ledger/ledger-line.ts';
import type {
  AccountPosting,
  DaySums,
  LedgerBook,
  Posting,
  RecipientBook,
} from '#shared/sharing/ledger/ledger-repository.ts';
import { type NumberRange, placeOfNumber, yearOf } from '#shared/sharing/ledger/number-range.ts';
import type { OperatorId } from '#shared/sharing/sharing-id.ts';
import { ttl, unlessContended, written } from './document-client.ts';
import { addition, documentOf, lineKeyItem, lineOf, sumsIn } from './ledger-item.ts';
import { ledgerKeys, ledgerPrefixes } from './ledger-keys.ts';
import { ledgerPage } from './ledger-page.ts';

const isNew = 'attribute_not_exists(pk)';
const isUndocumented = 'attribute_exists(pk) AND attribute_not_exists(#document)';
const isLast = '#last = :seen';
const isOpen = 'attribute_not_exists(closed)';

type Writes = NonNullable<TransactWriteCommandInput['TransactItems']>;

const rangeItem = z.object({ last: z.number() });
const sumsKey = z.object({ sk: z.string() });
const namedDocument = z.object({ number: z.string() });
const recipientItem = z.object({ recipient: recipientShape });

/** An operator's books: each posting is one transaction, whose conditions keep numbers gapless and movements single. */
export class DynamoLedger implements LedgerBook, RecipientBook {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async line(key: LineKey): Promise<LedgerLine | undefined> {
    const item = await this.#get(ledgerKeys.line(key));
    return item === undefined ? undefined : lineOf(item);
  }

  async range(operatorId: OperatorId, year: number): Promise<NumberRange> {
    const item = await this.#get(ledgerKeys.range(operatorId, year));
    return { year, last: item === undefined ? 0 : rangeItem.parse(item).last };
  }

  async post(posting: Posting): Promise<boolean> {
    const TransactItems = [
      this.#lineWrite(posting),
      this.#sumsWrite(posting),
      ...(posting.issued === undefined ? [] : this.#documentWrites(posting.issued)),
      ...(posting.listedFor === undefined ? [] : [this.#listWrite(posting.line, posting.listedFor)]),
      ...(posting.onAccount === undefined ? [] : this.#accountWrites(posting.line.operatorId, posting.onAccount)),
    ];
    const isPosted = await unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems }))));
    // Others take numbers at this very moment: not all again at once.
    if (!isPosted) await pause(5 + Math.random() * 40);
    return isPosted;
  }

  async document(operatorId: OperatorId, number: string): Promise<LedgerDocument | undefined> {
    const place = placeOfNumber(number);
    const item =
      place === undefined ? undefined : await this.#get(ledgerKeys.document(operatorId, place.year, place.sequence));
    const document = item === undefined ? undefined : documentOf(item);
    return document?.number === number ? document : undefined;
  }

  async documentsOf(operatorId: OperatorId, personId: string, page: PageRequest): Promise<Page<LedgerDocument>> {
    const pk = ledgerKeys.person(operatorId, personId);
    const found = await ledgerPage(this.#client, this.#table, {
      pk,
      prefix: ledgerPrefixes.document,
      page,
      back: true,
    });
    const numbers = found.items.map((item) => namedDocument.parse(item).number);
    const documents = await Promise.all(numbers.map((number) => this.document(operatorId, number)));
    return { ...found, items: documents.filter((document) => document !== undefined) };
  }

  async lines(operatorId: OperatorId, month: string, page: PageRequest): Promise<Page<LedgerLine>> {
    const pk = ledgerKeys.month(operatorId, month);
    const found = await ledgerPage(this.#client, this.#table, { pk, prefix: ledgerPrefixes.line, page });
    return { ...found, items: found.items.map(lineOf) };
  }

  async linesOf(operatorId: OperatorId, personId: string, month: string, page: PageRequest): Promise<Page<LedgerLine>> {
    const pk = ledgerKeys.person(operatorId, personId);
    const found = await ledgerPage(this.#client, this.#table, { pk, prefix: `${ledgerPrefixes.line}${month}-`, page });
    const keys = found.items.map((item) => ({ operatorId, ...lineKeyItem.parse(item) }));
    const lines = await Promise.all(keys.map((key) => this.line(key)));
    return { ...found, items: lines.filter((line) => line !== undefined) };
  }

  async sums(operatorId: OperatorId, month: string): Promise<readonly DaySums[]> {
    const pk = ledgerKeys.month(operatorId, month);
    // Days by currencies: a hundred or so.
    const { items } = await ledgerPage(this.#client, this.#table, {
      ...{ pk, prefix: ledgerPrefixes.sums, page: { limit: 1_000 } },
    });
    return items.map((item) => {
      const [day = '', currency = ''] = sumsKey.parse(item).sk.slice(ledgerPrefixes.sums.length).split('#');
      return { day, currency, sums: sumsIn(item) };
    });
  }

  async recipient(operatorId: OperatorId, personId: string): Promise<Recipient | undefined> {
    const item = await this.#get(ledgerKeys.recipient(operatorId, personId));
    return item === undefined ? undefined : recipientItem.parse(item).recipient;
  }

  /** The last word counts. */
  async saveRecipient(operatorId: OperatorId, personId: string, recipient: Recipient): Promise<void> {
    const Item = { ...ledgerKeys.recipient(operatorId, personId), recipient };
    await this.#client.send(new PutCommand({ TableName: this.#table, Item }));
  }

  #lineWrite({ line, seen }: Posting): Writes[number] {
    const Item = { ...ledgerKeys.line(line), ...line };
    if (seen === 'none') return { Put: { TableName: this.#table, Item, ConditionExpression: isNew } };
    const names = { ExpressionAttributeNames: { '#document': 'document' } };
    return { Put: { TableName: this.#table, Item, ConditionExpression: isUndocumented, ...names } };
  }

  #listWrite({ operatorId, day, kind, payable, part }: LedgerLine, personId: string): Writes[number] {
    const key = ledgerKeys.personLine(operatorId, personId, { day, kind, payable, part });
    const expiresAt = ttl(keptUntil(yearOf(day)));
    return { Put: { TableName: this.#table, Item: { ...key, day, kind, payable, part, expiresAt } } };
  }

  #sumsWrite({ line: { operatorId, day, currency }, adds }: Posting): Writes[number] {
    const { expression, names, values } = addition(adds);
    return {
      Update: {
        ...{ TableName: this.#table, Key: ledgerKeys.sums(operatorId, day, currency) },
        ...{ UpdateExpression: `ADD ${expression}`, ExpressionAttributeNames: names },
        ExpressionAttributeValues: values,
      },
    };
  }

  #documentWrites({ document, range }: NonNullable<Posting['issued']>): Writes {
    const TableName = this.#table;
    const { operatorId, year, sequence, debtor, number } = document;
    const expiresAt = ttl(keptUntil(year));
    const asSeen =
      range.last === 0
        ? { ConditionExpression: isNew }
        : {
            ...{ ConditionExpression: isLast, ExpressionAttributeNames: { '#last': 'last' } },
            ExpressionAttributeValues: { ':seen': range.last },
          };
    const key = ledgerKeys.document(operatorId, year, sequence);
    const listed =
      debtor?.kind === 'person'
        ? [{ ...ledgerKeys.documentLine(operatorId, debtor.personId, year, sequence), number, expiresAt }]
        : [];
    return [
      { Put: { TableName, Item: { ...ledgerKeys.range(operatorId, year), last: sequence }, ...asSeen } },
      { Put: { TableName, Item: { ...key, ...document, expiresAt }, ConditionExpression: isNew } },
      ...listed.map((Item) => ({ Put: { TableName, Item } })),
    ];
  }

  #accountWrites(operatorId: OperatorId, { businessId, entry, adds }: AccountPosting): Writes {
    const TableName = this.#table;
    const { expression, names, values } = addition(adds);
    const Item = { ...ledgerKeys.entry(operatorId, businessId, entry), ...entry };
    return [
      { Put: { TableName, Item, ConditionExpression: isNew } },
      {
        Update: {
          ...{ TableName, Key: ledgerKeys.businessMonth(operatorId, businessId, entry.month) },
          UpdateExpression: `ADD entries :one${expression === '' ? '' : `, ${expression}`}`,
          ConditionExpression: isOpen,
          ...(expression !== '' && { ExpressionAttributeNames: names }),
          ExpressionAttributeValues: { ...values, ':one': 1 },
        },
      },
    ];
  }

  async #get(Key: { readonly pk: string; readonly sk: string }) {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item;
  }
}
