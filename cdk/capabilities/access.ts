import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  FeaturePlan,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolClient,
  UserPoolClientIdentityProvider,
  type UserPoolDomain,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { roles } from '#shared/access/roles.ts';
import { resourceServer, scopeNames, scopes } from '#shared/access/scopes.ts';
import { named } from '../names.ts';
import type { Settings } from '../settings.ts';

/**
 * Who partners are: one OAuth2 client (client credentials) for each documented role, and the scopes they
 * can be given. What a client may see of which brand stands in the Access table, under its client id.
 * And who persons are: the same pool's users, who come through one public client, the app.
 */
export class Access extends Construct {
  readonly userPool: UserPool;
  readonly domain: UserPoolDomain;
  readonly clients: readonly { readonly role: string; readonly client: UserPoolClient }[];
  readonly app: UserPoolClient;

  constructor(scope: Construct, id: string, { stage, callbackUrls }: Pick<Settings, 'stage' | 'callbackUrls'>) {
    super(scope, id);
    this.userPool = new UserPool(this, 'Pool', {
      userPoolName: named(stage, 'partners'),
      // Neither machine clients nor a sign-in with name and password need anything of the dearer plans.
      featurePlan: FeaturePlan.LITE,
      selfSignUpEnabled: false,
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
      },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(this.userPool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason: 'A second factor is each person’s choice: who claims a car has to stand before it and read its code.',
      },
      {
        id: 'AwsSolutions-COG8',
        reason: 'Threat protection needs the Plus plan, paid for each person; Cognito’s lock-out slows guessing.',
      },
    );
    // A prefix is unique in a region over all accounts.
    this.domain = this.userPool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `${named(stage, 'partners')}-${Stack.of(this).account}` },
    });
    this.domain.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.clients = this.machineClients();
    this.app = this.appOfPeople(callbackUrls);
  }

  /** Public: what runs in a person's hands keeps no secret, so that a code is bound to its asker by PKCE. */
  private appOfPeople(callbackUrls: readonly string[]): UserPoolClient {
    const app = this.userPool.addClient('App', {
      userPoolClientName: 'app',
      generateSecret: false,
      authFlows: { userPassword: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.PROFILE],
        callbackUrls: [...callbackUrls],
        logoutUrls: [...callbackUrls],
      },
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(30),
    });
    app.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return app;
  }

  private machineClients(): Access['clients'] {
    const offered = new Map(
      scopeNames.map((name) => [name, new ResourceServerScope({ scopeName: name, scopeDescription: scopes[name] })]),
    );
    const server = this.userPool.addResourceServer('Scopes', {
      identifier: resourceServer,
      scopes: [...offered.values()],
    });
    server.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return roles.map(({ name, scopes: granted }) => {
      const client = this.userPool.addClient(`Client-${name}`, {
        userPoolClientName: name,
        generateSecret: true,
        authFlows: {},
        oAuth: {
          flows: { clientCredentials: true },
          scopes: granted.flatMap((scope) => {
            const known = offered.get(scope);
            return known === undefined ? [] : [OAuthScope.resourceServer(server, known)];
          }),
        },
        accessTokenValidity: Duration.hours(1),
      });
      client.applyRemovalPolicy(RemovalPolicy.RETAIN);
      return { role: name, client };
    });
  }
}
