import { type DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import { isMarket, type Market } from '#shared/registry/market.ts';
import { chargeIdValue, operatorIdValue, reservationIdValue, systemIdValue } from '#shared/sharing/id-values.ts';
import { type Charge, chargeKinds } from '#shared/sharing/ledger/charge.ts';
import type { ChargeRepository } from '#shared/sharing/ledger/charge-repository.ts';
import { declineReasons } from '#shared/sharing/payments/payments.ts';
import type { ChargeId, OperatorId } from '#shared/sharing/sharing-id.ts';
import { unlessContended, written, writtenOrThere } from './document-client.ts';
import { debtorItem, documentLineItem } from './ledger-item.ts';
import { ledgerKeys, ledgerPrefixes } from './ledger-keys.ts';
import { ledgerPage } from './ledger-page.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

const [at, text, told] = [z.number(), z.string(), z.boolean()];
const decision = z.object({ kind: z.enum(['uphold', 'reduce', 'waive']), at, by: text, reason: text });
const asked = { since: at, owed: z.number(), told };

const chargeItem = z.object({
  ...{ chargeId: chargeIdValue, operatorId: operatorIdValue, systemId: z.exactOptional(systemIdValue) },
  ...{ debtor: debtorItem, kind: z.enum([...chargeKinds, 'business-month']) },
  reservationId: z.exactOptional(reservationIdValue),
  ...{ lines: z.array(documentLineItem), amount: z.number(), currency: text },
  market: z.custom<Market>((value) => typeof value === 'string' && isMarket(value)),
  ...{ timeZone: text, happenedAt: at, reason: text, evidence: z.exactOptional(text) },
  fine: z.exactOptional(z.object({ authority: text, reference: text, plate: text })),
  ...{ madeAt: at, by: text, disputableUntil: at },
  dispute: z.exactOptional(z.object({ at, text, decision: z.exactOptional(decision) })),
  payment: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('collecting'), ...asked, paymentId: text, paymentMethod: text }),
    z.object({ kind: z.literal('owed'), ...asked, reason: z.enum(declineReasons) }),
    z.object({ kind: z.literal('paid'), at, collected: z.number(), told }),
    z.object({ kind: z.literal('void'), at, told }),
  ]),
  receipts: z.exactOptional(z.array(z.object({ receiptId: text, receivedOn: text, at, amount: z.number(), by: text }))),
  reductions: z.array(
    z.object({
      ...{ id: text, kind: z.enum(['forgiven', 'refunded']), at, amount: z.number(), by: text, reason: text },
      status: z.enum(['begun', 'done', 'refused']),
    }),
  ),
  version: z.number(),
});

const named = z.object({ chargeId: chargeIdValue });

export class DynamoCharges implements ChargeRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async charge(chargeId: ChargeId): Promise<Charge | undefined> {
    const item = await this.#get(ledgerKeys.charge(chargeId));
    return item === undefined ? undefined : chargeItem.parse(item);
  }

  addCharge(charge: Charge): Promise<boolean> {
    const TableName = this.#table;
    const { chargeId, operatorId, debtor, fine } = charge;
    const lines = [
      ledgerKeys.chargeEntry(operatorId, chargeId),
      ...(debtor.kind === 'person' ? [ledgerKeys.chargeLine(operatorId, debtor.personId, chargeId)] : []),
    ];
    const fines = fine === undefined ? [] : [ledgerKeys.fine(operatorId, fine.authority, fine.reference)];
    const TransactItems = [
      { Put: { TableName, Item: { ...ledgerKeys.charge(chargeId), ...charge }, ConditionExpression: isNew } },
      ...lines.map((key) => ({ Put: { TableName, Item: { ...key, chargeId } } })),
      ...fines.map((key) => ({ Put: { TableName, Item: { ...key, chargeId }, ConditionExpression: isNew } })),
    ];
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems }))));
  }

  saveCharge(charge: Charge, seen: number): Promise<boolean> {
    return writtenOrThere(this.#client, {
      ...{ TableName: this.#table, Item: { ...ledgerKeys.charge(charge.chargeId), ...charge } },
      ...{ ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen } },
    });
  }

  chargesOf(operatorId: OperatorId, personId: string, page: PageRequest): Promise<Page<Charge>> {
    return this.#list(ledgerKeys.person(operatorId, personId), page);
  }

  charges(operatorId: OperatorId, page: PageRequest): Promise<Page<Charge>> {
    return this.#list(ledgerKeys.charges(operatorId), page);
  }

  async chargeOfFine(operatorId: OperatorId, authority: string, reference: string): Promise<ChargeId | undefined> {
    const item = await this.#get(ledgerKeys.fine(operatorId, authority, reference));
    return item === undefined ? undefined : named.parse(item).chargeId;
  }

  async #list(pk: string, page: PageRequest): Promise<Page<Charge>> {
    const stretch = { pk, prefix: ledgerPrefixes.charge, page, back: true } as const;
    const found = await ledgerPage(this.#client, this.#table, stretch);
    const charges = await Promise.all(found.items.map((item) => this.charge(named.parse(item).chargeId)));
    return { ...found, items: charges.filter((charge) => charge !== undefined) };
  }

  async #get(Key: { readonly pk: string; readonly sk: string }) {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item;
  }
}
