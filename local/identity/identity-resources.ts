import { z } from 'zod';
import type { Provisioned, ResourceScope, ResourceType } from '#local/template/resource-type.ts';
import {
  accessTokenSeconds,
  checkFlows,
  clientProperties,
  domainProperties,
  peopleSettings,
  poolProperties,
  resourceServerProperties,
  usualPasswordPolicy,
} from './identity-properties.ts';
import type { IdentityServer } from './identity-server.ts';

function parse<T>(schema: z.ZodType<T>, properties: unknown): T {
  const parsed = schema.safeParse(properties);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}

/** The CloudFormation types of Cognito that the local cloud understands. */
export function identityResourceTypes(identity: IdentityServer): ResourceType[] {
  const { pools } = identity;
  return [
    {
      type: 'AWS::Cognito::UserPool',
      async create(properties, scope): Promise<Provisioned> {
        const given = parse(poolProperties, properties);
        const poolId = pools.poolIdFor(placeOf(scope), scope.region);
        const key = await identity.signingKey(poolId);
        const name = given.UserPoolName ?? scope.physicalName;
        pools.add({
          ...{ poolId, name, key, domain: undefined, scopes: new Set<string>() },
          caseSensitive: given.UsernameConfiguration?.CaseSensitive ?? true,
          passwordPolicy: given.Policies?.PasswordPolicy ?? usualPasswordPolicy,
        });
        const attributes = {
          Arn: `arn:aws:cognito-idp:${scope.region}:${scope.accountId}:userpool/${poolId}`,
          ProviderName: `cognito-idp.${scope.region}.amazonaws.com/${poolId}`,
          ProviderURL: identity.issuerOf(poolId),
          UserPoolId: poolId,
        };
        return { ref: poolId, attributes };
      },
    },
    {
      type: 'AWS::Cognito::UserPoolDomain',
      create(properties) {
        const given = parse(domainProperties, properties);
        pools.pool(given.UserPoolId).domain = given.Domain;
        return { ref: given.Domain, attributes: {} };
      },
    },
    {
      type: 'AWS::Cognito::UserPoolResourceServer',
      create(properties) {
        const given = parse(resourceServerProperties, properties);
        const { scopes } = pools.pool(given.UserPoolId);
        for (const { ScopeName } of given.Scopes) scopes.add(`${given.Identifier}/${ScopeName}`);
        return { ref: given.Identifier, attributes: {} };
      },
    },
    {
      type: 'AWS::Cognito::UserPoolClient',
      create(properties, scope) {
        const given = parse(clientProperties, properties);
        checkFlows(given, pools.pool(given.UserPoolId).scopes);
        const { clientId, clientSecret } = pools.clientIdsFor(placeOf(scope));
        const name = given.ClientName ?? scope.physicalName;
        pools.addClient({
          poolId: given.UserPoolId,
          name,
          clientId,
          clientSecret: given.GenerateSecret ? clientSecret : undefined,
          flows: given.AllowedOAuthFlows,
          scopes: given.AllowedOAuthScopes,
          accessTokenSeconds: accessTokenSeconds(given),
          people: peopleSettings(given),
        });
        const secret: Record<string, string> = given.GenerateSecret ? { ClientSecret: clientSecret } : {};
        return { ref: clientId, attributes: { ClientId: clientId, Name: name, ...secret } };
      },
    },
  ];
}

function placeOf(scope: ResourceScope): string {
  return `${scope.stackName}/${scope.logicalId}`;
}
