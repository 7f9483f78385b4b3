import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, expect, test, vi } from 'vitest';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';

let server: Server | undefined;
afterEach(() => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
});

test('a call that the table never answers is made again', async () => {
  let calls = 0;
  server = createServer((_, response) => {
    calls += 1;
    if (calls > 1) response.end(JSON.stringify({ Item: { pk: { S: 'found' } } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');

  const { Item } = await documentClient().send(new GetCommand({ TableName: 'Any', Key: { pk: 'a', sk: 'b' } }));

  expect(Item).toEqual({ pk: 'found' });
  expect(calls).toBe(2);
});
