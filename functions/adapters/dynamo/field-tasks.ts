import {
  type DynamoDBDocumentClient,
  GetCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import { isLive, keptFor, type Task } from '#shared/sharing/field/task.ts';
import type { TaskId } from '#shared/sharing/field/task-id.ts';
import type { TaskRepository } from '#shared/sharing/field/task-repository.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { ttl, unlessContended, written } from './document-client.ts';
import { fieldKeys, liveIn, overIn, taskOf, tasksOf } from './field-item.ts';
import { pageIn, wholePartition } from './whole-partition.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

type Writes = NonNullable<TransactWriteCommandInput['TransactItems']>;

/** A task is one item that decides; where it is looked for stand copies, written together with it. */
export class DynamoTaskRepository implements TaskRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(taskId: TaskId): Promise<Task | undefined> {
    const get = { TableName: this.#table, Key: fieldKeys.task(taskId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : taskOf(Item);
  }

  save(task: Task, seen: Task | undefined): Promise<boolean> {
    const TableName = this.#table;
    const { state } = task;
    const kept = isLive(task) || !('at' in state) ? {} : { expiresAt: ttl(state.at + keptFor) };
    const condition =
      seen === undefined
        ? { ConditionExpression: isNew }
        : { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen.version } };
    const put = (key: { readonly pk: string; readonly sk: string }) => ({
      Put: { TableName, Item: { ...key, ...task, ...kept } },
    });
    const live = [fieldKeys.liveTask(task), fieldKeys.taskOfVehicle(task)];
    const isOver = !isLive(task) && 'at' in state;
    const lines: Writes = isOver
      ? [...live.map((Key) => ({ Delete: { TableName, Key } })), put(fieldKeys.overTask(task, state.at))]
      : live.map(put);
    const decides = { Put: { ...put(fieldKeys.task(task.taskId)).Put, ...condition } };
    const together = new TransactWriteCommand({ TransactItems: [decides, ...lines] });
    return unlessContended(written(this.#client.send(together)));
  }

  live(systemId: SystemId): Promise<readonly Task[]> {
    return wholePartition(this.#client, this.#table, liveIn(systemId), taskOf);
  }

  ofVehicle(vehicleId: string): Promise<readonly Task[]> {
    return wholePartition(this.#client, this.#table, tasksOf(vehicleId), taskOf);
  }

  over(systemId: SystemId, page: PageRequest): Promise<Page<Task>> {
    return pageIn(this.#client, this.#table, overIn(systemId), page, taskOf);
  }
}
