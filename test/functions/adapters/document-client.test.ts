import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { documentClient, writtenOrThere } from '#functions/adapters/dynamo/document-client.ts';

let server: Server | undefined;
afterEach(() => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
});

/** A table that gives these answers, one after the other, and the last one for ever. */
async function tableThatAnswers(...answers: readonly (readonly [status: number, body: object] | undefined)[]) {
  const asked: (string | undefined)[] = [];
  server = createServer((request, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(/\.(\w+)$/.exec(String(request.headers['x-amz-target']))?.[1]);
    if (answer === undefined) return;
    const [status, body] = answer;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  return asked;
}

test('a call that the table never answers is made again', async () => {
  const asked = await tableThatAnswers(undefined, [200, { Item: { pk: { S: 'found' } } }]);
  const { Item } = await documentClient().send(new GetCommand({ TableName: 'Any', Key: { pk: 'a', sk: 'b' } }));
  expect(Item).toEqual({ pk: 'found' });
  expect(asked).toEqual(['GetItem', 'GetItem']);
});

describe('a write whose condition is not met', () => {
  const refused = [400, { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException' }] as const;
  const put = {
    ...{ TableName: 'Any', ConditionExpression: 'version = :seen', ExpressionAttributeValues: { ':seen': 1 } },
    Item: { pk: 'a', sk: 'b', version: 2, lease: { until: 5, attempts: 1 }, ending: undefined },
  };

  test('took place where its own item stands there: an attempt before it wrote that, and the answer was lost', async () => {
    const lease = { M: { attempts: { N: '1' }, until: { N: '5' } } };
    const item = { sk: { S: 'b' }, pk: { S: 'a' }, version: { N: '2' }, lease };
    await tableThatAnswers(refused, [200, { Item: item }]);
    expect(await writtenOrThere(documentClient(), put)).toBe(true);
  });

  test('did not where somebody else’s stands there', async () => {
    const lease = { M: { attempts: { N: '1' }, until: { N: '6' } } };
    const item = { sk: { S: 'b' }, pk: { S: 'a' }, version: { N: '2' }, lease };
    await tableThatAnswers(refused, [200, { Item: item }]);
    expect(await writtenOrThere(documentClient(), put)).toBe(false);
  });
});
