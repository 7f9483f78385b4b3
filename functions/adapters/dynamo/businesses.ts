import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { AccountEntry, Business, BusinessMonth, Invitation, Member } from '#shared/sharing/ledger/business.ts';
import type { BusinessRepository } from '#shared/sharing/ledger/business-repository.ts';
import type { Sums } from '#shared/sharing/ledger/day-sums.ts';
import type { ChargeId, OperatorId } from '#shared/sharing/sharing-id.ts';
import { businessItem, entryItem, invitationItem, memberItem, monthOf } from './business-item.ts';
import { ttl, unlessContended, written } from './document-client.ts';
import { ledgerKeys, ledgerPrefixes } from './ledger-keys.ts';
import { ledgerPage } from './ledger-page.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';
const isThere = 'attribute_exists(pk)';
const isOpenAsSeen = 'attribute_not_exists(closed) AND entries = :seen';
const isOpenWithoutEntries = 'attribute_not_exists(closed) AND attribute_not_exists(entries)';

type Writes = NonNullable<TransactWriteCommandInput['TransactItems']>;

function asSeen(seen: number | undefined) {
  return seen === undefined
    ? { ConditionExpression: isNew }
    : { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen } };
}

export class DynamoBusinesses implements BusinessRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async business(operatorId: OperatorId, businessId: string): Promise<Business | undefined> {
    const item = await this.#get(ledgerKeys.business(operatorId, businessId));
    return item === undefined ? undefined : businessItem.parse(item);
  }

  saveBusiness(business: Business, seen: number | undefined): Promise<boolean> {
    const TableName = this.#table;
    const { operatorId, businessId } = business;
    const line = { ...ledgerKeys.businessLine(operatorId, businessId), ...business };
    return this.#together([
      { Put: { TableName, Item: { ...ledgerKeys.business(operatorId, businessId), ...business }, ...asSeen(seen) } },
      { Put: { TableName, Item: line } },
    ]);
  }

  async businesses(operatorId: OperatorId, page: PageRequest): Promise<Page<Business>> {
    const pk = ledgerKeys.businesses(operatorId);
    const found = await ledgerPage(this.#client, this.#table, { pk, prefix: '', page });
    return { ...found, items: found.items.map((item) => businessItem.parse(item)) };
  }

  async member(operatorId: OperatorId, businessId: string, personId: string): Promise<Member | undefined> {
    const item = await this.#get(ledgerKeys.member(operatorId, businessId, personId));
    return item === undefined ? undefined : memberItem.parse(item);
  }

  saveMember(member: Member, seen: number | undefined, used?: Invitation): Promise<boolean> {
    const TableName = this.#table;
    const { operatorId, businessId, personId } = member;
    const spent = used === undefined ? [] : [ledgerKeys.invitation(operatorId, used.codeHash)];
    return this.#together([
      {
        Put: {
          TableName,
          Item: { ...ledgerKeys.member(operatorId, businessId, personId), ...member },
          ...asSeen(seen),
        },
      },
      { Put: { TableName, Item: { ...ledgerKeys.membership(operatorId, businessId, personId), ...member } } },
      ...spent.map((Key) => ({ Delete: { TableName, Key, ConditionExpression: isThere } })),
    ]);
  }

  async members(operatorId: OperatorId, businessId: string, page: PageRequest): Promise<Page<Member>> {
    const pk = ledgerKeys.businessPartition(operatorId, businessId);
    const found = await ledgerPage(this.#client, this.#table, { pk, prefix: ledgerPrefixes.member, page });
    return { ...found, items: found.items.map((item) => memberItem.parse(item)) };
  }

  async membershipsOf(operatorId: OperatorId, personId: string): Promise<readonly Member[]> {
    const pk = ledgerKeys.person(operatorId, personId);
    const page = { limit: 100 };
    const { items } = await ledgerPage(this.#client, this.#table, { pk, prefix: ledgerPrefixes.member, page });
    return items.map((item) => memberItem.parse(item));
  }

  async addInvitation({ expiresAt, ...invitation }: Invitation): Promise<void> {
    const key = ledgerKeys.invitation(invitation.operatorId, invitation.codeHash);
    const Item = { ...key, ...invitation, goodUntil: expiresAt, expiresAt: ttl(expiresAt) };
    await written(this.#client.send(new PutCommand({ TableName: this.#table, Item, ConditionExpression: isNew })));
  }

  async invitation(operatorId: OperatorId, codeHash: string): Promise<Invitation | undefined> {
    const item = await this.#get(ledgerKeys.invitation(operatorId, codeHash));
    if (item === undefined) return undefined;
    const { goodUntil, ...invitation } = invitationItem.parse(item);
    return { ...invitation, expiresAt: goodUntil };
  }

  async month(operatorId: OperatorId, businessId: string, month: string): Promise<BusinessMonth> {
    const item = await this.#get(ledgerKeys.businessMonth(operatorId, businessId, month));
    const at = { operatorId, businessId };
    return item === undefined ? { ...at, month, sums: {}, entries: 0 } : monthOf(at, item);
  }

  async months(operatorId: OperatorId, businessId: string, page: PageRequest): Promise<Page<BusinessMonth>> {
    const pk = ledgerKeys.businessPartition(operatorId, businessId);
    const found = await ledgerPage(this.#client, this.#table, { pk, prefix: ledgerPrefixes.month, page });
    return { ...found, items: found.items.map((item) => monthOf({ operatorId, businessId }, item)) };
  }

  closeMonth({ operatorId, businessId, month, entries }: BusinessMonth, charge: ChargeId): Promise<boolean> {
    return written(
      this.#client.send(
        new UpdateCommand({
          ...{ TableName: this.#table, Key: ledgerKeys.businessMonth(operatorId, businessId, month) },
          ...{ UpdateExpression: 'SET closed = :charge', ConditionExpression: isOpenAsSeen },
          ExpressionAttributeValues: { ':charge': charge, ':seen': entries },
        }),
      ),
    );
  }

  carryMonth(from: BusinessMonth, into: BusinessMonth, carried: Sums): Promise<boolean> {
    const TableName = this.#table;
    const keyOf = ({ operatorId, businessId, month }: BusinessMonth) =>
      ledgerKeys.businessMonth(operatorId, businessId, month);
    const isEmpty = into.entries === 0;
    return this.#together([
      {
        Update: {
          ...{ TableName, Key: keyOf(from), UpdateExpression: 'SET closed = :closed' },
          ConditionExpression: isOpenAsSeen,
          ExpressionAttributeValues: { ':closed': { carriedTo: into.month }, ':seen': from.entries },
        },
      },
      {
        Update: {
          ...{ TableName, Key: keyOf(into), UpdateExpression: 'SET carried = :carried ADD entries :one' },
          ConditionExpression: isEmpty ? isOpenWithoutEntries : isOpenAsSeen,
          ExpressionAttributeValues: { ':carried': carried, ':one': 1, ...(!isEmpty && { ':seen': into.entries }) },
        },
      },
    ]);
  }

  async entries(
    operatorId: OperatorId,
    businessId: string,
    month: string,
    page: PageRequest,
  ): Promise<Page<AccountEntry>> {
    const pk = ledgerKeys.businessPartition(operatorId, businessId);
    const found = await ledgerPage(this.#client, this.#table, { pk, prefix: ledgerKeys.entriesOf(month), page });
    return { ...found, items: found.items.map((item) => entryItem.parse(item)) };
  }

  #together(TransactItems: Writes): Promise<boolean> {
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems }))));
  }

  async #get(Key: { readonly pk: string; readonly sk: string }) {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item;
  }
}
