import { DynamoDBClient, paginateScan, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { LocalCloud } from '#local/cloud.ts';
import type { CloudFile } from '#local/cloud-file.ts';

/** How an unmodified AWS SDK reaches the cloud of a `cloud.json`, as its administrator. */
export function administrator({ region, aws }: CloudFile) {
  const { endpoint, accessKeyId, secretAccessKey } = aws;
  return { region, endpoint, credentials: { accessKeyId, secretAccessKey } };
}

/** Everything that stands in the tables, by a table's logical name. */
export async function tablesAsText(cloud: LocalCloud): Promise<Readonly<Record<string, string>>> {
  const client = new DynamoDBClient(administrator(cloud.file));
  const tables = [...cloud.execution.resources.values()].filter(({ type }) => type === 'AWS::DynamoDB::GlobalTable');
  const texts = await Promise.all(
    tables.map(async ({ logicalId, ref: TableName }) => {
      const items: unknown[] = [];
      for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
        items.push(...Items);
      return [logicalId.replace(/[0-9A-F]{8}$/, ''), JSON.stringify(items)] as const;
    }),
  );
  client.destroy();
  return Object.fromEntries(texts);
}

/** Everything that stands in the tables, to see that nothing changed. */
export class Records {
  readonly #client: DynamoDBClient;
  readonly #tables: readonly string[];

  readonly #withoutPresence: boolean;

  /**
   * @param besides tables that do not count, by what their logical id begins with: `Access`, `Telemetry` …
   * @param withoutPresence leaves out who is connected, which cars that come and go change all the time
   */
  constructor(
    cloud: LocalCloud,
    {
      besides = [],
      withoutPresence = false,
    }: { readonly besides?: readonly string[]; readonly withoutPresence?: boolean } = {},
  ) {
    this.#client = new DynamoDBClient(administrator(cloud.file));
    this.#withoutPresence = withoutPresence;
    this.#tables = [...cloud.execution.resources.values()]
      .filter(({ type }) => type === 'AWS::DynamoDB::GlobalTable')
      .filter(({ logicalId }) => !besides.some((name) => logicalId.startsWith(name)))
      .map(({ ref }) => ref);
  }

  /** By table and key. */
  async all(): Promise<Readonly<Record<string, unknown>>> {
    const scans = await Promise.all(
      this.#tables.map(async (TableName) => {
        const { Items = [] } = await this.#client.send(new ScanCommand({ TableName, ConsistentRead: true }));
        return Items.map((item) => [`${TableName} ${item['pk']?.S} ${item['sk']?.S}`, item] as const);
      }),
    );
    return Object.fromEntries(scans.flat().filter(([key]) => !(this.#withoutPresence && key.endsWith(' presence'))));
  }

  close(): void {
    this.#client.destroy();
  }
}

/** Takes what lies in a queue out of it, with the real SDK, and keeps it. */
export class QueueReader {
  readonly #client: SQSClient;
  readonly #url: string;
  readonly #found: unknown[] = [];

  constructor(cloud: CloudFile, queueName: string) {
    this.#client = new SQSClient(administrator(cloud));
    this.#url = `${cloud.aws.endpoint}/${cloud.accountId}/${queueName}`;
  }

  /** Everything that ever was there, the newest last. */
  async all(): Promise<readonly unknown[]> {
    for (;;) {
      const { Messages = [] } = await this.#client.send(
        new ReceiveMessageCommand({ QueueUrl: this.#url, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return this.#found;
      for (const { Body = '', ReceiptHandle } of Messages) {
        await this.#client.send(new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle }));
        this.#found.push(JSON.parse(Body));
      }
    }
  }

  close(): void {
    this.#client.destroy();
  }
}
