import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { administrator } from '../aws-clients.ts';
import type { Stage } from './stage.ts';

export interface Place {
  /** What its logical id begins with. */
  readonly table: string;
  readonly pk: string;
  /** What the sort key begins with. */
  readonly sk?: string;
}

type Item = Readonly<Record<string, unknown>>;

/** What stands in the tables, and puts into them what only a long time would bring about. */
export class Tables {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async items({ table, pk, sk }: Place): Promise<readonly Item[]> {
    const query = new QueryCommand({
      ...{ TableName: this.#name(table), ConsistentRead: true },
      KeyConditionExpression: sk === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': pk, ...(sk !== undefined && { ':sk': sk }) },
    });
    return this.#call(async (client) => (await client.send(query)).Items ?? []);
  }

  put(table: string, Item: Record<string, unknown>): Promise<unknown> {
    return this.#call((client) => client.send(new PutCommand({ TableName: this.#name(table), Item })));
  }

  #name(table: string): string {
    return this.#stage.nameOf('AWS::DynamoDB::GlobalTable', table);
  }

  async #call<T>(call: (client: DynamoDBDocumentClient) => Promise<T>): Promise<T> {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient(administrator(this.#stage.file)));
    try {
      return await call(client);
    } finally {
      client.destroy();
    }
  }
}
