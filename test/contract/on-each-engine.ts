import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { engines, newTable, type TableKind, type TestEngine } from './engines.ts';

/** Makes a new table; what it returns are the arguments of a repository. */
export type NewTable = (kind?: TableKind) => Promise<[client: DynamoDBDocumentClient, table: string]>;

export function onEachEngine(suite: (table: NewTable) => void): void {
  for (const choice of engines) {
    if (choice.missing !== undefined) {
      test.skip(`${choice.name}: skipped, ${choice.missing}`, () => {});
      continue;
    }
    describe(`on ${choice.name}`, () => {
      let engine: TestEngine;
      beforeAll(async () => {
        engine = await choice.start();
      });
      afterAll(() => engine.stop());
      suite(async (kind) => [documentClient(engine.client), await newTable(engine.client, kind)]);
    });
  }
}
