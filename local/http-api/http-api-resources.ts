import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Provisioned, ResourceScope, ResourceType } from '#local/template/resource-type.ts';
import type { CorsRules } from './cors.ts';
import { HttpApi, type HttpApiOptions } from './http-api.ts';
import type { HttpApiServer } from './http-api-server.ts';
import { JwtAuthorizer } from './jwt-authorizer.ts';
import { routeKey } from './route-table.ts';

const tags = z.union([z.record(z.string(), z.string()), z.array(z.unknown())]).optional();

const apiProperties = z.strictObject({
  Name: z.string(),
  ProtocolType: z.literal('HTTP'),
  Description: z.string().optional(),
  Version: z.string().optional(),
  DisableExecuteApiEndpoint: z.literal(false).optional(),
  IpAddressType: z.string().optional(),
  CorsConfiguration: z
    .strictObject({
      AllowOrigins: z.array(z.string()).default([]),
      AllowMethods: z.array(z.string()).default([]),
      AllowHeaders: z.array(z.string()).default([]),
      ExposeHeaders: z.array(z.string()).default([]),
      AllowCredentials: z.boolean().default(false),
      MaxAge: z.number().optional(),
    })
    .optional(),
  Tags: tags,
});

// Throttling and access logs are accepted and not enforced: they say nothing about correctness.
const stageProperties = z.strictObject({
  ApiId: z.string(),
  StageName: z.literal('$default'),
  AutoDeploy: z.literal(true),
  Description: z.string().optional(),
  AccessLogSettings: z.strictObject({ DestinationArn: z.string(), Format: z.string() }).optional(),
  DefaultRouteSettings: z
    .strictObject({
      ThrottlingBurstLimit: z.number().optional(),
      ThrottlingRateLimit: z.number().optional(),
      DetailedMetricsEnabled: z.boolean().optional(),
    })
    .optional(),
  StageVariables: z.record(z.string(), z.string()).optional(),
  Tags: tags,
});

const routeProperties = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string(),
  Target: z.string().regex(/^integrations\/\w+$/),
  AuthorizationType: z.enum(['NONE', 'JWT']).default('NONE'),
  AuthorizerId: z.string().optional(),
  AuthorizationScopes: z.array(z.string()).default([]),
  OperationName: z.string().optional(),
});

const integrationProperties = z.strictObject({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string().regex(/arn:aws:lambda:[\w-]+:\d{12}:function:[\w-]+/),
  IntegrationMethod: z.literal('POST').optional(),
  PayloadFormatVersion: z.literal('2.0'),
  TimeoutInMillis: z.coerce.number().int().min(50).max(30_000).default(30_000),
  Description: z.string().optional(),
});

const identitySourcePattern = /^\$request\.(header|querystring)\.([\w-]+)$/;

const authorizerProperties = z.strictObject({
  ApiId: z.string(),
  Name: z.string(),
  AuthorizerType: z.literal('JWT'),
  IdentitySource: z.array(z.string().regex(identitySourcePattern)).length(1),
  // AWS takes at most 50 audiences.
  JwtConfiguration: z.strictObject({ Issuer: z.url(), Audience: z.array(z.string()).min(1).max(50) }),
});

function parse<T>(schema: z.ZodType<T>, properties: unknown): T {
  const parsed = schema.safeParse(properties);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}

/** Stable across restarts, of the length that API Gateway's ids have. */
function idOf(scope: ResourceScope, length: number): string {
  const digest = createHash('sha256').update(`${scope.stackName}/${scope.logicalId}`).digest();
  return [...digest.subarray(0, length)].map((byte) => (byte % 36).toString(36)).join('');
}

function corsOf(given: z.infer<typeof apiProperties>['CorsConfiguration']): CorsRules | undefined {
  if (given === undefined) return undefined;
  return {
    allowOrigins: given.AllowOrigins,
    allowMethods: given.AllowMethods,
    allowHeaders: given.AllowHeaders,
    exposeHeaders: given.ExposeHeaders,
    allowCredentials: given.AllowCredentials,
    maxAge: given.MaxAge,
  };
}

/** The CloudFormation types of HTTP APIs that the local cloud understands. */
export function httpApiResourceTypes(server: HttpApiServer, options: HttpApiOptions): ResourceType[] {
  const apis = new Map<string, HttpApi>();
  function api(apiId: string): HttpApi {
    const found = apis.get(apiId);
    if (found === undefined) throw new Error(`ApiId: there is no API ${apiId}`);
    return found;
  }
  const create: Record<string, (properties: unknown, scope: ResourceScope) => Provisioned> = {
    Api(properties, scope) {
      const given = parse(apiProperties, properties);
      const apiId = idOf(scope, 10);
      const made = new HttpApi(apiId, corsOf(given.CorsConfiguration), options);
      server.host(made);
      apis.set(apiId, made);
      return { ref: apiId, attributes: { ApiId: apiId, ApiEndpoint: server.url } };
    },
    Stage(properties) {
      const given = parse(stageProperties, properties);
      api(given.ApiId).stage = { variables: given.StageVariables };
      return { ref: given.StageName, attributes: {} };
    },
    Integration(properties, scope) {
      const given = parse(integrationProperties, properties);
      const [functionArn = ''] = /arn:aws:lambda:[\w-]+:\d{12}:function:[\w-]+/.exec(given.IntegrationUri) ?? [];
      const id = idOf(scope, 7);
      api(given.ApiId).integrations.set(id, { functionArn, timeoutMilliseconds: given.TimeoutInMillis });
      return { ref: id, attributes: { IntegrationId: id } };
    },
    Authorizer(properties, scope) {
      const given = parse(authorizerProperties, properties);
      const { Issuer: issuer, Audience: audience } = given.JwtConfiguration;
      checkIssuer(issuer);
      const [, kind, name = ''] = identitySourcePattern.exec(given.IdentitySource[0] ?? '') ?? [];
      const identitySource =
        kind === 'header' ? ({ kind, name: name.toLowerCase() } as const) : ({ kind: 'querystring', name } as const);
      const id = idOf(scope, 6);
      const definition = { name: given.Name, issuer, audience, identitySource };
      api(given.ApiId).authorizers.set(id, new JwtAuthorizer(definition, () => options.clock.now()));
      return { ref: id, attributes: { AuthorizerId: id } };
    },
    Route(properties, scope) {
      const given = parse(routeProperties, properties);
      const owner = api(given.ApiId);
      const integration = owner.integrations.get(given.Target.slice('integrations/'.length));
      if (integration === undefined) throw new Error(`Target: there is no ${given.Target}`);
      const authorizer = owner.authorizers.get(given.AuthorizerId ?? '');
      if ((given.AuthorizationType === 'JWT') !== (authorizer !== undefined)) {
        throw new Error(`AuthorizerId: ${given.AuthorizationType} does not go with ${String(given.AuthorizerId)}`);
      }
      const route = routeKey(given.RouteKey);
      if (owner.routes.some((each) => each.route.key === route.key)) {
        throw new Error(`RouteKey: ${route.key} exists already`);
      }
      owner.routes.push({ route, integration, authorizer, scopes: given.AuthorizationScopes });
      return { ref: idOf(scope, 7), attributes: { RouteId: idOf(scope, 7) } };
    },
  };
  return Object.entries(create).map(([name, make]) => ({ type: `AWS::ApiGatewayV2::${name}`, create: make }));
}

/** The local cloud asks nobody outside: an issuer elsewhere would make it depend on the network. */
function checkIssuer(issuer: string): void {
  const { hostname } = new URL(issuer);
  if (hostname === '127.0.0.1' || hostname === 'localhost') return;
  throw new Error(`JwtConfiguration.Issuer: ${issuer} is not the local issuer (use the user pool's ProviderURL)`);
}
