import { afterAll, beforeAll, expect, test } from 'vitest';
import { PartnerCloud, type Properties } from './partner-cloud.ts';

let cloud: PartnerCloud;

beforeAll(async () => {
  cloud = await PartnerCloud.start();
  await cloud.api({
    CorsConfiguration: {
      AllowOrigins: ['https://console.example.com'],
      AllowMethods: ['GET', 'POST'],
      AllowHeaders: ['authorization'],
      ExposeHeaders: ['etag'],
      MaxAge: 600,
    },
  });
  const code =
    'export const handler = async () => ({ statusCode: 200, headers: { "access-control-allow-origin": "*" } });';
  await cloud.route('GET /x', await cloud.integration('plain', code));
  cloud.server.open();
});

afterAll(() => cloud.end());

const misunderstood: readonly [what: string, type: string, properties: Properties, named: RegExp][] = [
  ['a WebSocket API', 'Api', { Name: 'a', ProtocolType: 'WEBSOCKET' }, /ProtocolType/],
  ['a second API', 'Api', { Name: 'a', ProtocolType: 'HTTP' }, /one HTTP API/],
  ['a quick-create target', 'Api', { Name: 'a', ProtocolType: 'HTTP', Target: 'arn' }, /Target/],
  ['a named stage', 'Stage', { ApiId: 'x', StageName: 'dev', AutoDeploy: true }, /StageName/],
  ['payload format 1.0', 'Integration', { IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '1.0' }, /PayloadFormat/],
  ['an HTTP integration', 'Integration', { IntegrationType: 'HTTP_PROXY' }, /IntegrationType/],
  ['a Lambda authorizer', 'Authorizer', { AuthorizerType: 'REQUEST' }, /AuthorizerType/],
  ['IAM authorization', 'Route', { RouteKey: 'GET /', AuthorizationType: 'AWS_IAM' }, /AuthorizationType/],
];

test.each(misunderstood)('%s stops the start and is named', async (_what, type, properties, named) => {
  await expect(cloud.create(`AWS::ApiGatewayV2::${type}`, 'Other', properties)).rejects.toThrow(named);
});

test('an issuer outside of this machine stops the start', async () => {
  const outside = cloud.create('AWS::ApiGatewayV2::Authorizer', 'Outside', {
    ApiId: cloud.apiId,
    Name: 'outside',
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/p', Audience: ['a'] },
  });
  await expect(outside).rejects.toThrow(/not the local issuer/);
});

test('a preflight is answered by the gateway alone', async () => {
  const response = await fetch(`${cloud.url}/x`, {
    method: 'OPTIONS',
    headers: { origin: 'https://console.example.com', 'access-control-request-method': 'GET' },
  });
  expect(response.status).toBe(204);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'access-control-allow-origin': 'https://console.example.com',
    'access-control-allow-methods': 'GET,POST',
    'access-control-allow-headers': 'authorization',
    'access-control-max-age': '600',
  });
});

test('the CORS headers of a function do not count beside those of the template', async () => {
  const known = await fetch(`${cloud.url}/x`, { headers: { origin: 'https://console.example.com' } });
  expect(known.headers.get('access-control-allow-origin')).toBe('https://console.example.com');
  expect(known.headers.get('access-control-expose-headers')).toBe('etag');
  const stranger = await fetch(`${cloud.url}/x`, { headers: { origin: 'https://example.org' } });
  expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
});
