import { z } from 'zod';
import type { PasswordPolicy } from './people/password.ts';
import type { PeopleSettings } from './user-pool.ts';

/** Texts and mails that nobody is sent here: whoever administers the pool makes the users and says no password by mail. */
const ofMessages = {
  AccountRecoverySetting: z.unknown().optional(),
  AutoVerifiedAttributes: z.unknown().optional(),
  EmailConfiguration: z.unknown().optional(),
  EmailVerificationMessage: z.unknown().optional(),
  EmailVerificationSubject: z.unknown().optional(),
  SmsVerificationMessage: z.unknown().optional(),
  UserAttributeUpdateSettings: z.unknown().optional(),
  VerificationMessageTemplate: z.unknown().optional(),
};

/** Cognito's own defaults ("PasswordPolicyType"). */
const passwordPolicy = z.strictObject({
  MinimumLength: z.coerce.number().int().min(6).max(99).default(8),
  RequireLowercase: z.boolean().default(true),
  RequireNumbers: z.boolean().default(true),
  RequireSymbols: z.boolean().default(true),
  RequireUppercase: z.boolean().default(true),
  TemporaryPasswordValidityDays: z.coerce.number().int().min(0).max(365).default(7),
});

export const usualPasswordPolicy: PasswordPolicy = passwordPolicy.parse({});

/** What is in no list stops the start: names by mail address, triggers, remembered devices, a second factor for all. */
export const poolProperties = z
  .strictObject({
    UserPoolName: z.string(),
    UserPoolTier: z.enum(['LITE', 'ESSENTIALS', 'PLUS']),
    DeletionProtection: z.enum(['ACTIVE', 'INACTIVE']),
    UserPoolTags: z.record(z.string(), z.string()),
    AdminCreateUserConfig: z.strictObject({ AllowAdminCreateUserOnly: z.literal(true) }),
    // Nobody can register a second factor here, so where it is a choice nobody has one.
    MfaConfiguration: z.enum(['OFF', 'OPTIONAL']),
    EnabledMfas: z.array(z.literal('SOFTWARE_TOKEN_MFA')),
    Policies: z.strictObject({ PasswordPolicy: passwordPolicy }),
    UsernameConfiguration: z.strictObject({ CaseSensitive: z.boolean() }),
    ...ofMessages,
  })
  .partial();

export const domainProperties = z.strictObject({
  UserPoolId: z.string(),
  Domain: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'a prefix of small letters, digits and hyphens'),
  ManagedLoginVersion: z.coerce.number().optional(),
});

export const resourceServerProperties = z.strictObject({
  UserPoolId: z.string(),
  Identifier: z.string().min(1),
  Name: z.string(),
  Scopes: z.array(z.strictObject({ ScopeName: z.string().min(1), ScopeDescription: z.string() })).default([]),
});

const unit = z.enum(['seconds', 'minutes', 'hours', 'days']);
const validity = z.coerce.number().int().positive().optional();

/** Exactly these may come back with a code: `https`, an app's own scheme, `http` on this machine alone. */
const callbackUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, hash } = new URL(text);
  return hash === '' && (protocol !== 'http:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}, 'an absolute URL without fragment; http for this machine alone');

export const clientProperties = z.strictObject({
  UserPoolId: z.string(),
  ClientName: z.string().optional(),
  GenerateSecret: z.boolean().default(false),
  AllowedOAuthFlows: z.array(z.enum(['client_credentials', 'code', 'implicit'])).default([]),
  AllowedOAuthFlowsUserPoolClient: z.boolean().default(false),
  AllowedOAuthScopes: z.array(z.string()).default([]),
  AccessTokenValidity: validity,
  IdTokenValidity: validity,
  RefreshTokenValidity: validity,
  TokenValidityUnits: z.strictObject({ AccessToken: unit, IdToken: unit, RefreshToken: unit }).partial().default({}),
  CallbackURLs: z.array(callbackUrl).max(100).default([]),
  LogoutURLs: z.array(callbackUrl).max(100).default([]),
  EnableTokenRevocation: z.boolean().default(true),
  ExplicitAuthFlows: z
    .array(z.string().regex(/^ALLOW_[A-Z_]+$/, 'a flow with the prefix ALLOW_'))
    .default(['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH']),
  PreventUserExistenceErrors: z.enum(['ENABLED', 'LEGACY']).default('LEGACY'),
  SupportedIdentityProviders: z.array(z.literal('COGNITO')).optional(),
});

type ClientProperties = z.infer<typeof clientProperties>;

const secondsOf = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;
const day = 86_400;

/** Cognito takes five minutes to one day, and an hour when nothing is said. */
export function accessTokenSeconds({ AccessTokenValidity, TokenValidityUnits }: ClientProperties): number {
  const seconds = (AccessTokenValidity ?? 1) * secondsOf[TokenValidityUnits.AccessToken ?? 'hours'];
  if (AccessTokenValidity === undefined) return 3600;
  if (seconds >= 300 && seconds <= day) return seconds;
  throw new Error(`AccessTokenValidity: ${seconds} seconds is not between five minutes and a day`);
}

export function peopleSettings(given: ClientProperties): PeopleSettings {
  const { IdTokenValidity, RefreshTokenValidity, TokenValidityUnits: units } = given;
  const idTokenSeconds = IdTokenValidity === undefined ? 3600 : IdTokenValidity * secondsOf[units.IdToken ?? 'hours'];
  if (idTokenSeconds < 300 || idTokenSeconds > day) {
    throw new Error(`IdTokenValidity: ${idTokenSeconds} seconds is not between five minutes and a day`);
  }
  const refreshTokenSeconds = (RefreshTokenValidity ?? 30) * secondsOf[units.RefreshToken ?? 'days'];
  if (refreshTokenSeconds < 3600 || refreshTokenSeconds > 3650 * day) {
    throw new Error(`RefreshTokenValidity: ${refreshTokenSeconds} seconds is not between an hour and ten years`);
  }
  return {
    ...{ idTokenSeconds, refreshTokenSeconds, authFlows: given.ExplicitAuthFlows },
    callbackUrls: given.CallbackURLs,
    logoutUrls: given.LogoutURLs,
    revocation: given.EnableTokenRevocation,
    hidesUsers: given.PreventUserExistenceErrors === 'ENABLED',
  };
}

const ofPeopleScopes: ReadonlySet<string> = new Set([
  ...['openid', 'email', 'phone', 'profile'],
  'aws.cognito.signin.user.admin',
]);

/** What Cognito would refuse of a client's OAuth settings. */
export function checkFlows(given: ClientProperties, offered: ReadonlySet<string>): void {
  const { AllowedOAuthFlows: flows, AllowedOAuthScopes: scopes } = given;
  if (flows.length > 0 && !given.AllowedOAuthFlowsUserPoolClient) {
    throw new Error('AllowedOAuthFlows needs AllowedOAuthFlowsUserPoolClient');
  }
  if (flows.includes('implicit')) throw new Error('AllowedOAuthFlows: the implicit flow is not served here');
  if (flows.includes('code') && given.CallbackURLs.length === 0) {
    throw new Error('AllowedOAuthFlows: code needs CallbackURLs');
  }
  const unknown = scopes.filter((scope) => !offered.has(scope) && !ofPeopleScopes.has(scope));
  if (unknown.length > 0) throw new Error(`AllowedOAuthScopes: no resource server offers ${unknown.join(', ')}`);
  if (!flows.includes('client_credentials')) return;
  if (!given.GenerateSecret) throw new Error('AllowedOAuthFlows: client_credentials needs GenerateSecret');
  if (flows.length > 1) throw new Error('AllowedOAuthFlows: client_credentials does not go with other flows');
  if (scopes.length === 0 || scopes.some((scope) => ofPeopleScopes.has(scope))) {
    throw new Error('AllowedOAuthScopes: client_credentials needs scopes of resource servers, and only such');
  }
}
