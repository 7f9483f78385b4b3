import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AwsOperation } from '#local/gateway/service.ts';
import { lambdaAwsService } from '#local/lambda/lambda-operations.ts';
import { SmallCloud } from './small-cloud.ts';

let cloud: SmallCloud;
const arn = 'arn:aws:lambda:eu-central-1:000000000000:function:echo';

beforeAll(async () => {
  cloud = await SmallCloud.start();
  await cloud.deploy(
    'echo',
    'export const handler = async (event) => { if (event.bad) throw new Error("bad"); return event; };',
  );
  await cloud.deploy('other', 'export const handler = async () => console.log("other ran");', { Description: 'other' });
});

afterAll(() => cloud.end());

function understand(method: string, target: string, body = '', headers: Record<string, string> = {}): AwsOperation {
  const [path = '', query] = target.split('?');
  return lambdaAwsService(cloud.lambda, { region: 'eu-central-1', accountId: '000000000000' }).understand({
    service: 'lambda',
    method,
    path: `/2015-03-31/functions${path}`,
    query: new URLSearchParams(query),
    headers,
    body: Buffer.from(body),
    principal: { kind: 'administrator', arn: 'arn:aws:iam::000000000000:user/administrator' },
    requestId: 'request-1',
  });
}

test('an operator invokes a function with the right to invoke that one', async () => {
  const operation = understand('POST', '/echo/invocations', '{"vin":"A"}');
  expect(operation).toMatchObject({
    name: 'Invoke',
    permissions: [{ action: 'lambda:InvokeFunction', resource: arn }],
  });
  expect(await operation.run()).toMatchObject({ status: 200, body: '{"vin":"A"}' });
});

test('a function is named by its ARN as well', async () => {
  const operation = understand('POST', `/${encodeURIComponent(arn)}/invocations`);
  expect(operation.permissions).toEqual([{ action: 'lambda:InvokeFunction', resource: arn }]);
  expect(await operation.run()).toMatchObject({ status: 200, body: '{}' });
});

test('a function error is told apart from an answer', async () => {
  const answer = await understand('POST', '/echo/invocations', '{"bad":true}').run();
  expect(answer).toMatchObject({ status: 200, headers: { 'x-amz-function-error': 'Unhandled' } });
  expect(JSON.parse(String(answer.body))).toMatchObject({ errorType: 'Error', errorMessage: 'bad' });
});

test('an Event invocation is accepted at once and runs later', async () => {
  const answer = await understand('POST', '/other/invocations', '{}', { 'x-amz-invocation-type': 'Event' }).run();
  expect(answer.status).toBe(202);
  await vi.waitFor(() => expect(cloud.lines).toContainEqual(expect.stringContaining('other ran')));
});

test('a body that is no JSON is refused', () => {
  expect(() => understand('POST', '/echo/invocations', '{')).toThrow(/Could not parse request body/);
});

test('an unknown function is not found, an unknown operation not understood', async () => {
  await expect((async () => understand('POST', '/none/invocations').run())()).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    status: 404,
  });
  expect(() => understand('DELETE', '/echo')).toThrow(/does not understand DELETE/);
});

test.each([
  '/echo:prod/invocations',
  '/echo/invocations?Qualifier=prod',
  `/${encodeURIComponent(arn.replace('000000000000', '111111111111'))}/invocations`,
  '/%zz/invocations',
])('%s names no function here', (target) => {
  expect(() => understand('POST', target)).toThrow(
    expect.objectContaining({ name: 'ResourceNotFoundException', status: 404 }),
  );
});

test('the latest version may be asked for by its name', async () => {
  for (const target of ['/echo:$LATEST/invocations', '/echo/invocations?Qualifier=$LATEST']) {
    expect(await understand('POST', target).run()).toMatchObject({ status: 200, body: '{}' });
  }
});

test('functions are listed by pages', async () => {
  const first = Object(await understand('GET', '/?MaxItems=1').run()).body;
  expect(first.Functions).toMatchObject([{ FunctionName: 'echo', FunctionArn: arn }]);
  const second = Object(await understand('GET', `/?Marker=${first.NextMarker}`).run()).body;
  expect(second.Functions).toMatchObject([{ FunctionName: 'other', Description: 'other' }]);
  expect(second.NextMarker).toBeUndefined();
});
