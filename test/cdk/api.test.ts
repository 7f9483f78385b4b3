import { expect, test } from 'vitest';
import { z } from 'zod';
import { sharingPrefixes } from '#functions/api/sharing-prefixes.ts';
import { sharingRoutes } from '#functions/api/sharing-routes.ts';
import { vehicleRoutes } from '#functions/api/vehicle-routes.ts';
import { roles } from '#shared/access/roles.ts';
import { resourceServer, scopeNames } from '#shared/access/scopes.ts';
import { deployed, ofType, textOf } from './stacks.ts';

const resources = deployed();
const routes = ofType(resources, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties);

test('two routes are for everybody, all others want a token', () => {
  const open = routes.filter(({ AuthorizationType }) => AuthorizationType !== 'JWT');
  expect(open.map(({ RouteKey }) => RouteKey).sort()).toEqual(['GET /docs', 'GET /openapi.json']);
  expect(routes.length).toBeGreaterThan(10);
});

test('a path of sharing, partners or webhooks leads to its function, at its prefix and below; any other to the first one', () => {
  const led = ofType(resources, 'AWS::ApiGatewayV2::Route')
    .filter(({ Properties }) => Properties['AuthorizationType'] === 'JWT')
    .map(({ stack, Properties }) => `${stack} ${Properties['RouteKey']}`);
  const below = sharingPrefixes.flatMap((prefix) => [`Outward ANY ${prefix}`, `Outward ANY ${prefix}/{proxy+}`]);
  expect(led).toEqual(['Platform ANY /{proxy+}', ...below]);
});

test('each route is served by the function to which its path leads', () => {
  const leadsOutward = (path: string) =>
    sharingPrefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  expect(sharingRoutes.filter(({ path }) => !leadsOutward(path))).toEqual([]);
  expect(vehicleRoutes.filter(({ path }) => leadsOutward(path))).toEqual([]);
});

test('nothing in a stack refers to one that comes after it', () => {
  const imports = (stack: string) =>
    new Set(
      resources
        .filter((resource) => resource.stack === stack)
        .flatMap((resource) => [...JSON.stringify(resource).matchAll(/"Fn::ImportValue":"Fleetloom-dev-(\w+):/g)])
        .map(([, from]) => from),
    );
  expect(['Data', 'Platform', 'Outward'].map((stack) => [...imports(stack)].sort())).toEqual([
    [],
    ['Data'],
    ['Data', 'Platform'],
  ]);
});

test('a token counts when this user pool issued it to one of its machine clients or to the app of people', () => {
  const [authorizer] = ofType(resources, 'AWS::ApiGatewayV2::Authorizer');
  const { Issuer, Audience } = z
    .object({ Issuer: z.unknown(), Audience: z.array(z.unknown()).min(1).max(50) })
    .parse(authorizer?.Properties['JwtConfiguration']);
  expect(textOf(Issuer)).toContain('ProviderURL');
  expect(
    Audience.map(textOf).map((audience) =>
      audience.includes('PoolApp')
        ? 'app'
        : roles.find(({ name }) => audience.includes(`Client${name.replace('-', '')}`))?.name,
    ),
  ).toEqual([...roles.map(({ name }) => name), 'app']);
});

test('the description names the token URL of the very issuer that is trusted', () => {
  const [authorizer] = ofType(resources, 'AWS::ApiGatewayV2::Authorizer');
  const { Issuer } = z.object({ Issuer: z.unknown() }).parse(authorizer?.Properties['JwtConfiguration']);
  const api = ofType(resources, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties['FunctionName'] === 'fleetloom-dev-api',
  );
  expect(api?.Properties['Environment']).toMatchObject({ Variables: { TOKEN_ISSUER: Issuer } });
});

test('every scope is offered, and each role gets its own and no more', () => {
  const [server] = ofType(resources, 'AWS::Cognito::UserPoolResourceServer');
  const offered = z.array(z.object({ ScopeName: z.string() })).parse(server?.Properties['Scopes']);
  expect(server?.Properties['Identifier']).toBe(resourceServer);
  expect(offered.map(({ ScopeName }) => ScopeName)).toEqual(scopeNames);
  const machines = ofType(resources, 'AWS::Cognito::UserPoolClient').filter(
    ({ Properties: { ClientName } }) => ClientName !== 'app',
  );
  const clients = machines.map(({ Properties }) => ({
    name: Properties['ClientName'],
    flows: Properties['AllowedOAuthFlows'],
    scopes: z
      .array(z.unknown())
      .parse(Properties['AllowedOAuthScopes'])
      .map((scope) => textOf(scope).split('/')[1]),
  }));
  expect(clients).toEqual(roles.map(({ name, scopes }) => ({ name, flows: ['client_credentials'], scopes })));
});

test('the app of people keeps no secret, comes by code, and tells nobody which names there are', () => {
  const app = ofType(resources, 'AWS::Cognito::UserPoolClient').find(
    ({ Properties }) => Properties['ClientName'] === 'app',
  );
  expect(app?.Properties).toMatchObject({
    GenerateSecret: false,
    AllowedOAuthFlows: ['code'],
    AllowedOAuthScopes: ['openid', 'profile'],
    ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    CallbackURLs: ['http://localhost:3000/callback'],
    PreventUserExistenceErrors: 'ENABLED',
    EnableTokenRevocation: true,
    AccessTokenValidity: 60,
    RefreshTokenValidity: 30 * 24 * 60,
  });
});

test('nobody can sign up', () => {
  const [pool] = ofType(resources, 'AWS::Cognito::UserPool');
  expect(pool?.Properties['AdminCreateUserConfig']).toEqual({ AllowAdminCreateUserOnly: true });
});

test('the API is throttled, and logs a line a request that names the partner', () => {
  const [stage] = ofType(resources, 'AWS::ApiGatewayV2::Stage');
  expect(stage?.Properties).toMatchObject({
    StageName: '$default',
    DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 500 },
  });
  const { Format } = z.object({ Format: z.string() }).parse(stage?.Properties['AccessLogSettings']);
  expect(JSON.parse(Format)).toMatchObject({
    client: '$context.authorizer.claims.client_id',
    status: '$context.status',
    // The id that the function logs, so that a line here leads to the lines there.
    functionRequestId: '$context.awsEndpointRequestId',
  });
});

test('the access log does not use up what the account has room for: its name begins as AWS asks', () => {
  const names = ofType(resources, 'AWS::Logs::LogGroup').flatMap(({ Properties }) => Properties['LogGroupName'] ?? []);
  expect(names).toEqual(['/aws/vendedlogs/fleetloom-dev-api']);
});

test('the API gives up before API Gateway does, and after a command has been awaited for 25 seconds', () => {
  const timeouts = ofType(resources, 'AWS::Lambda::Function')
    .filter(({ Properties }) => /-api$/.test(String(Properties['FunctionName'])))
    .map(({ Properties }) => z.number().parse(Properties['Timeout']));
  expect(timeouts).toHaveLength(2);
  for (const timeout of timeouts) {
    expect(timeout).toBeGreaterThan(25);
    expect(timeout).toBeLessThan(30);
  }
});
