import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

const rootItem = z.object({ text: z.string() });

/** The Director's roots, where the Director has them at hand: they are small and come with its answers. */
export class DynamoDirectorRoots {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** @param name `<version>.root.json`; the same name never means another text */
  async publish(name: string, text: string): Promise<void> {
    const Item = { ...key(Number.parseInt(name, 10)), text };
    await this.#client.send(new PutCommand({ TableName: this.#table, Item }));
  }

  /** Every root after this version, in order. */
  async after(version: number): Promise<readonly string[]> {
    const { pk, sk } = key(version);
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk AND sk > :sk',
        ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
      }),
    );
    return Items.map((item) => rootItem.parse(item).text);
  }
}

function key(version: number): { readonly pk: string; readonly sk: string } {
  return { pk: 'director-roots', sk: String(version).padStart(9, '0') };
}
