import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  FeaturePlan,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolClient,
  type UserPoolDomain,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { roles } from '#shared/access/roles.ts';
import { resourceServer, scopeNames, scopes } from '#shared/access/scopes.ts';
import { named } from '../names.ts';

/**
 * Who partners are: one OAuth2 client (client credentials) for each documented role, and the scopes they
 * can be given. What a client may see of which brand stands in the Access table, under its client id.
 */
export class Access extends Construct {
  readonly userPool: UserPool;
  readonly domain: UserPoolDomain;
  readonly clients: readonly { readonly role: string; readonly client: UserPoolClient }[];

  constructor(scope: Construct, id: string, { stage }: { readonly stage: string }) {
    super(scope, id);
    this.userPool = new UserPool(this, 'Pool', {
      userPoolName: named(stage, 'partners'),
      // Machine clients need nothing of the dearer plans, and nobody signs in with a password.
      featurePlan: FeaturePlan.LITE,
      selfSignUpEnabled: false,
      passwordPolicy: {
        minLength: 16,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
      },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(this.userPool).acknowledge(
      { id: 'AwsSolutions-COG2', reason: 'No person signs in: machine clients alone, and they have no second factor.' },
      { id: 'AwsSolutions-COG8', reason: 'Threat protection watches the sign-in of people; the pool has none.' },
    );
    // A prefix is unique in a region over all accounts.
    this.domain = this.userPool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `${named(stage, 'partners')}-${Stack.of(this).account}` },
    });
    this.domain.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.clients = this.machineClients();
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
