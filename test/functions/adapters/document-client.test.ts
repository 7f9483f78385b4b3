import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { documentClient, writtenOrThere } from '#functions/adapters/dynamo/document-client.ts';
import { tableThatAnswers } from '../../support/answering-table.ts';

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
