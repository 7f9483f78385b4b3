import { z } from 'zod';
import type { Provisioned, ResourceScope, ResourceType } from '#local/template/resource-type.ts';
import type { IdentityServer } from './identity-server.ts';

/**
 * Properties that concern people (sign-in, mails, passwords). Nobody can sign in to a local pool yet, so
 * they are let through unread; properties that are in neither list stop the start.
 */
const ofPeople = {
  AccountRecoverySetting: z.unknown().optional(),
  AdminCreateUserConfig: z.unknown().optional(),
  AutoVerifiedAttributes: z.unknown().optional(),
  DeviceConfiguration: z.unknown().optional(),
  EmailConfiguration: z.unknown().optional(),
  EmailVerificationMessage: z.unknown().optional(),
  EmailVerificationSubject: z.unknown().optional(),
  MfaConfiguration: z.unknown().optional(),
  Policies: z.unknown().optional(),
  Schema: z.unknown().optional(),
  SmsVerificationMessage: z.unknown().optional(),
  UserAttributeUpdateSettings: z.unknown().optional(),
  UserPoolAddOns: z.unknown().optional(),
  UsernameAttributes: z.unknown().optional(),
  AliasAttributes: z.unknown().optional(),
  UsernameConfiguration: z.unknown().optional(),
  VerificationMessageTemplate: z.unknown().optional(),
};

const poolProperties = z
  .strictObject({
    UserPoolName: z.string(),
    UserPoolTier: z.enum(['LITE', 'ESSENTIALS', 'PLUS']),
    DeletionProtection: z.enum(['ACTIVE', 'INACTIVE']),
    UserPoolTags: z.record(z.string(), z.string()),
    ...ofPeople,
  })
  .partial();

const domainProperties = z.strictObject({
  UserPoolId: z.string(),
  Domain: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'a prefix of small letters, digits and hyphens'),
  ManagedLoginVersion: z.coerce.number().optional(),
});

const resourceServerProperties = z.strictObject({
  UserPoolId: z.string(),
  Identifier: z.string().min(1),
  Name: z.string(),
  Scopes: z.array(z.strictObject({ ScopeName: z.string().min(1), ScopeDescription: z.string() })).default([]),
});

const clientProperties = z.strictObject({
  UserPoolId: z.string(),
  ClientName: z.string().optional(),
  GenerateSecret: z.boolean().default(false),
  AllowedOAuthFlows: z.array(z.enum(['client_credentials', 'code', 'implicit'])).default([]),
  AllowedOAuthFlowsUserPoolClient: z.boolean().default(false),
  AllowedOAuthScopes: z.array(z.string()).default([]),
  AccessTokenValidity: z.coerce.number().int().positive().optional(),
  TokenValidityUnits: z
    .strictObject({
      AccessToken: z.enum(['seconds', 'minutes', 'hours', 'days']),
      IdToken: z.string(),
      RefreshToken: z.string(),
    })
    .partial()
    .optional(),
  // For people, and as such unread:
  CallbackURLs: z.unknown().optional(),
  DefaultRedirectURI: z.unknown().optional(),
  EnablePropagateAdditionalUserContextData: z.unknown().optional(),
  EnableTokenRevocation: z.unknown().optional(),
  ExplicitAuthFlows: z.unknown().optional(),
  IdTokenValidity: z.unknown().optional(),
  LogoutURLs: z.unknown().optional(),
  PreventUserExistenceErrors: z.unknown().optional(),
  ReadAttributes: z.unknown().optional(),
  RefreshTokenValidity: z.unknown().optional(),
  SupportedIdentityProviders: z.unknown().optional(),
  WriteAttributes: z.unknown().optional(),
});

function parse<T>(schema: z.ZodType<T>, properties: unknown): T {
  const parsed = schema.safeParse(properties);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}

const secondsOf = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;

/** Cognito takes five minutes to one day, and an hour when nothing is said. */
function accessTokenSeconds({ AccessTokenValidity, TokenValidityUnits }: z.infer<typeof clientProperties>): number {
  if (AccessTokenValidity === undefined) return 3600;
  const seconds = AccessTokenValidity * secondsOf[TokenValidityUnits?.AccessToken ?? 'hours'];
  if (seconds >= 300 && seconds <= 86_400) return seconds;
  throw new Error(`AccessTokenValidity: ${seconds} seconds is not between five minutes and a day`);
}

/** What Cognito would refuse of a client's OAuth settings. */
function checkFlows(given: z.infer<typeof clientProperties>, offered: ReadonlySet<string>): void {
  const { AllowedOAuthFlows: flows, AllowedOAuthScopes: scopes } = given;
  if (flows.length > 0 && !given.AllowedOAuthFlowsUserPoolClient) {
    throw new Error('AllowedOAuthFlows needs AllowedOAuthFlowsUserPoolClient');
  }
  const ofPeopleScopes = new Set(['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin']);
  const unknown = scopes.filter((scope) => !offered.has(scope) && !ofPeopleScopes.has(scope));
  if (unknown.length > 0) throw new Error(`AllowedOAuthScopes: no resource server offers ${unknown.join(', ')}`);
  if (!flows.includes('client_credentials')) return;
  if (!given.GenerateSecret) throw new Error('AllowedOAuthFlows: client_credentials needs GenerateSecret');
  if (flows.length > 1) throw new Error('AllowedOAuthFlows: client_credentials does not go with other flows');
  if (scopes.length === 0 || scopes.some((scope) => ofPeopleScopes.has(scope))) {
    throw new Error('AllowedOAuthScopes: client_credentials needs scopes of resource servers, and only such');
  }
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
        pools.add({ poolId, name, key, domain: undefined, scopes: new Set() });
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
