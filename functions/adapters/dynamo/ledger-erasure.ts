import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { PersonId } from '#shared/access/person.ts';
import type { Erasure } from '#shared/erasure/erasure.ts';
import type { ErasureStep, Found } from '#shared/erasure/erasure-work.ts';
import { chargeIdValue, operatorIdValue } from '#shared/sharing/id-values.ts';
import type { OperatorId } from '#shared/sharing/sharing-id.ts';
import { written } from './document-client.ts';
import { ledgerKeys, ledgerPrefixes } from './ledger-keys.ts';
import { everything, Partition } from './partition.ts';
import { operatorList } from './sharing-setup-keys.ts';

const isThere = 'attribute_exists(pk)';
const slice = 25;

const operatorLine = z.object({ sk: operatorIdValue });
const chargeItem = z.object({ payment: z.object({ kind: z.string() }), dispute: z.optional(z.unknown()) });
/** What is owed is a claim, and stays until it is paid or given up. */
const unpaid = new Set(['owed', 'collecting']);

type Key = { readonly pk: string; readonly sk: string };

/**
 * What the books know of a person: to whom their invoices were made out, their charges, for which business they drive. The
 * documents themselves are kept by law, and are nobody's list any more.
 */
export class LedgerStep implements ErasureStep {
  readonly category = 'accounts';
  readonly where = 'Ledger';
  readonly #client: DynamoDBDocumentClient;
  readonly #tables: { readonly ledger: string; readonly sharing: string };

  constructor(client: DynamoDBDocumentClient, tables: { readonly ledger: string; readonly sharing: string }) {
    this.#client = client;
    this.#tables = tables;
  }

  /** @param after `<number of the operator>` or `<number of the operator> <last key of the page before>` */
  async find({ subject }: Erasure, after = '0'): Promise<Found> {
    if (subject.kind !== 'person') return { keys: [] };
    const operators = await this.#operators();
    const [number = '0', last] = after.split(' ');
    const index = Number(number);
    const operatorId = operators[index];
    if (operatorId === undefined) return { keys: [] };
    const partition = new Partition(this.#client, this.#tables.ledger, ledgerKeys.person(operatorId, subject.personId));
    const { keys, next } = await partition.keys(everything, last, slice);
    const theirs: string[] = [];
    for (const sk of keys) if (await this.#mayGo(sk)) theirs.push(`${operatorId} ${sk}`);
    const isLast = next === undefined && index + 1 === operators.length;
    const following = next === undefined ? `${index + 1}` : `${index} ${next}`;
    return { keys: theirs, ...(!isLast && { next: following }) };
  }

  async erase({ subject }: Erasure, keys: readonly string[]): Promise<void> {
    if (subject.kind !== 'person') return;
    for (const key of keys) {
      const [operator = '', sk = ''] = key.split(' ');
      await this.#forget(operatorIdValue.parse(operator), subject.personId, sk);
    }
  }

  /** The line last: without it nobody finds the rest again. */
  async #forget(operatorId: OperatorId, personId: PersonId, sk: string): Promise<void> {
    const [kind = '', ...name] = sk.split('#');
    if (kind === 'document') {
      const [year, sequence] = name.map(Number);
      await this.#detached(ledgerKeys.document(operatorId, year ?? 0, sequence ?? 0));
    }
    if (kind === 'charge') await this.#nobodys(name[0] ?? '');
    if (kind === 'member') await this.#delete(ledgerKeys.member(operatorId, name[0] ?? '', personId));
    await this.#delete({ pk: ledgerKeys.person(operatorId, personId), sk });
  }

  async #mayGo(sk: string): Promise<boolean> {
    if (!sk.startsWith(ledgerPrefixes.charge)) return true;
    const { data: charge } = chargeItem.safeParse(await this.#charge(sk.slice(ledgerPrefixes.charge.length)));
    return charge === undefined || !unpaid.has(charge.payment.kind);
  }

  async #detached(Key: Key): Promise<void> {
    const update = { TableName: this.#tables.ledger, Key, UpdateExpression: 'REMOVE debtor' };
    await written(this.#client.send(new UpdateCommand({ ...update, ConditionExpression: isThere })));
  }

  async #nobodys(chargeId: string): Promise<void> {
    const { data: charge } = chargeItem.safeParse(await this.#charge(chargeId));
    if (charge === undefined) return;
    const words = charge.dispute === undefined ? '' : ', dispute.#text = :nothing';
    await written(
      this.#client.send(
        new UpdateCommand({
          ...{ TableName: this.#tables.ledger, Key: ledgerKeys.charge(chargeIdValue.parse(chargeId)) },
          UpdateExpression: `SET debtor.personId = :nobody, #version = #version + :one${words}`,
          ConditionExpression: isThere,
          ExpressionAttributeNames: { '#version': 'version', ...(words !== '' && { '#text': 'text' }) },
          ExpressionAttributeValues: {
            ...{ ':nobody': `erased-${chargeId}`, ':one': 1 },
            ...(words !== '' && { ':nothing': '' }),
          },
        }),
      ),
    );
  }

  async #charge(chargeId: string): Promise<unknown> {
    const Key = ledgerKeys.charge(chargeIdValue.parse(chargeId));
    const get = { TableName: this.#tables.ledger, Key, ConsistentRead: true };
    return (await this.#client.send(new GetCommand(get))).Item;
  }

  async #delete(Key: Key): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.#tables.ledger, Key }));
  }

  async #operators(): Promise<readonly OperatorId[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#tables.sharing, ProjectionExpression: 'sk', ConsistentRead: true },
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': operatorList },
      }),
    );
    return Items.map((item) => operatorLine.parse(item).sk);
  }
}
