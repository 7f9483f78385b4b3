import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { personAskerId } from '#shared/access/asker.ts';
import type { AuditTrail } from '#shared/audit/audit-trail.ts';
import { commandRecord } from '#shared/audit/command-record.ts';
import { commandIdOf, isCommandId } from '#shared/commands/command.ts';
import type { ErasedCategory, Erasure } from '#shared/erasure/erasure.ts';
import type { ErasureStep, Found } from '#shared/erasure/erasure-work.ts';
import { maxBatchSpan } from '#shared/vehicle-cloud/envelopes.ts';
import { accessKeys } from './access.ts';
import { DynamoCommandRepository } from './commands.ts';
import { everything, Partition, type SortRange } from './partition.ts';
import { registryKeys } from './registry-item.ts';
import { historyRange } from './telemetry.ts';

/** So many items are written down, and erased, at once: their keys take some kilobytes of the task. */
const sliceSize = 100;

interface Place {
  readonly category: ErasedCategory;
  readonly where: string;
  readonly table: string;
  /** The partition, where the erasure has one there. */
  partition(erasure: Erasure): string | undefined;
  readonly range?: SortRange;
}

/** Deletes the items of one partition, page by page. */
class PartitionStep implements ErasureStep {
  readonly category: ErasedCategory;
  readonly where: string;
  readonly #client: DynamoDBDocumentClient;
  readonly #place: Place;

  constructor(client: DynamoDBDocumentClient, place: Place) {
    this.category = place.category;
    this.where = place.where;
    this.#client = client;
    this.#place = place;
  }

  async find(erasure: Erasure, after: string | undefined): Promise<Found> {
    const partition = this.#partition(erasure);
    return partition === undefined ? { keys: [] } : partition.keys(this.#place.range ?? everything, after, sliceSize);
  }

  async erase(erasure: Erasure, keys: readonly string[]): Promise<void> {
    await this.#partition(erasure)?.remove(keys);
  }

  #partition(erasure: Erasure): Partition | undefined {
    const pk = this.#place.partition(erasure);
    return pk === undefined ? undefined : new Partition(this.#client, this.#place.table, pk);
  }
}

/** Deletes what vehicles reported in the times that are erased, one time after the other. */
export class HistoryStep implements ErasureStep {
  readonly category = 'telemetry';
  readonly where = 'Telemetry';
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** @param after `<number of the span>` or `<number of the span> <last key of the page before>` */
  async find({ spans }: Erasure, after = '0'): Promise<Found> {
    const [number = '0', last] = after.split(' ');
    const index = Number(number);
    const span = spans[index];
    if (span === undefined) return { keys: [] };
    // A message that began before the time may hold readings of it.
    const range = historyRange(span.from - maxBatchSpan, span.to);
    const { keys, next } = await new Partition(this.#client, this.#table, span.vehicleId).keys(range, last, sliceSize);
    const following = next === undefined ? `${index + 1}` : `${index} ${next}`;
    const isLast = next === undefined && index + 1 === spans.length;
    return { keys: keys.map((key) => `${index} ${key}`), ...(!isLast && { next: following }) };
  }

  async erase({ spans }: Erasure, keys: readonly string[]): Promise<void> {
    const [number] = keys[0]?.split(' ') ?? [];
    const span = spans[Number(number)];
    if (span === undefined) return;
    const sortKeys = keys.map((key) => key.slice(key.indexOf(' ') + 1));
    await new Partition(this.#client, this.#table, span.vehicleId).remove(sortKeys);
  }
}

/** Longer than a command can wait for its end, and for the reminder that writes its end into the audit. */
const longestCommand = 3_600_000;

/** What became of the vehicle's updates, and what the Director knows of its control units. */
export function updatesStep(client: DynamoDBDocumentClient, table: string): ErasureStep {
  const partition = ({ subject }: Erasure) => (subject.kind === 'vehicle' ? subject.vehicleId : undefined);
  return new PartitionStep(client, { category: 'updates', where: 'Updates', table, partition });
}

/** Commands. How the latest ones ended goes into the audit first: their reminders will not find them any more. */
export function commandsStep(client: DynamoDBDocumentClient, table: string, trail: AuditTrail): ErasureStep {
  const partition = ({ subject }: Erasure) => (subject.kind === 'vehicle' ? subject.vehicleId : undefined);
  const step = new PartitionStep(client, { category: 'commands', where: 'Commands', table, partition });
  const commands = new DynamoCommandRepository(client, table);
  return {
    ...{ category: step.category, where: step.where },
    find: (erasure, after) => step.find(erasure, after),
    async erase(erasure, keys) {
      const { subject, askedAt } = erasure;
      const latest = commandIdOf({ operationId: 'a'.repeat(20), startedAt: askedAt - longestCommand });
      for (const key of keys.filter(isCommandId)) {
        if (key < latest || subject.kind !== 'vehicle') continue;
        const command = await commands.load(subject.vehicleId, key);
        const record = command === undefined ? undefined : commandRecord(command);
        if (record !== undefined) await trail.append([record]);
      }
      await step.erase(erasure, keys);
    },
  };
}

/** Presence and inventory. The mark that the vehicle was erased stays. */
export function presenceStep(client: DynamoDBDocumentClient, table: string): ErasureStep {
  return new PartitionStep(client, {
    ...{ category: 'presence-and-inventory', where: 'Registry', table },
    partition: ({ subject }) => (subject.kind === 'vehicle' ? registryKeys.vehicle(subject.vehicleId).pk : undefined),
    range: { from: registryKeys.firstReported, to: registryKeys.lastReported },
  });
}

/** What a person asked for with an Idempotency-Key, and what they were answered. */
export function answersStep(client: DynamoDBDocumentClient, table: string): ErasureStep {
  return new PartitionStep(client, {
    ...{ category: 'remembered-answers', where: 'AccessRecords', table },
    partition: ({ subject }) =>
      subject.kind === 'person' ? accessKeys.brands(personAskerId(subject.personId)).pk : undefined,
  });
}
