import type { Faults } from '#local/faults/faults.ts';
import { httpApiResourceTypes } from '#local/http-api/http-api-resources.ts';
import { HttpApiServer } from '#local/http-api/http-api-server.ts';
import { identityResourceTypes } from '#local/identity/identity-resources.ts';
import { IdentityServer } from '#local/identity/identity-server.ts';
import type { Provisioned } from '#local/template/resource-type.ts';
import { SmallCloud } from '../lambda/small-cloud.ts';

export type Properties = Readonly<Record<string, unknown>>;

/** HTTP API, identity and Lambda together, as partners meet them. */
export class PartnerCloud {
  readonly functions: SmallCloud;
  readonly identity: IdentityServer;
  readonly server: HttpApiServer;
  readonly lines: string[];
  apiId = '';
  issuer = '';
  /** Set to disturb the way of requests. */
  faults: Faults = { at: () => ({ kind: 'deliver' }) };

  static async start(directory?: string): Promise<PartnerCloud> {
    const cloud = new PartnerCloud(await SmallCloud.start(directory));
    await cloud.identity.listen(0);
    await cloud.server.listen(0);
    return cloud;
  }

  private constructor(functions: SmallCloud) {
    const log = (line: string) => functions.lines.push(line);
    this.functions = functions;
    this.lines = functions.lines;
    this.identity = new IdentityServer({ clock: functions.clock, state: functions.state, log });
    this.server = new HttpApiServer(log);
  }

  get url(): string {
    return this.server.url;
  }

  /** Creates a resource of either service. */
  create(type: string, logicalId: string, properties: Properties): Promise<Provisioned> {
    this.#types ??= [
      ...identityResourceTypes(this.identity),
      ...httpApiResourceTypes(this.server, {
        region: 'eu-central-1',
        accountId: '000000000000',
        clock: this.functions.clock,
        faults: { at: (hop, label) => this.faults.at(hop, label) },
        lambda: this.functions.lambda,
        log: (line) => this.lines.push(line),
      }),
    ];
    const found = this.#types.find((each) => each.type === type);
    if (found === undefined) return Promise.reject(new Error(`no type ${type}`));
    return (async () => found.create(properties, this.functions.scope(logicalId)))();
  }
  #types: ReturnType<typeof identityResourceTypes> | undefined;

  /** A pool with the scopes `fleetloom/read` and `fleetloom/write`. */
  async pool(): Promise<void> {
    const pool = await this.create('AWS::Cognito::UserPool', 'Pool', { UserPoolName: 'partners' });
    this.issuer = String(pool.attributes['ProviderURL']);
    await this.create('AWS::Cognito::UserPoolDomain', 'Domain', { UserPoolId: pool.ref, Domain: 'partners' });
    await this.create('AWS::Cognito::UserPoolResourceServer', 'Scopes', {
      UserPoolId: pool.ref,
      Identifier: 'fleetloom',
      Name: 'fleetloom',
      Scopes: ['read', 'write'].map((name) => ({ ScopeName: name, ScopeDescription: name })),
    });
  }

  async client(name: string, scopes: readonly string[], properties: Properties = {}) {
    const client = await this.create('AWS::Cognito::UserPoolClient', `Client-${name}`, {
      UserPoolId: this.issuer.slice(this.issuer.lastIndexOf('/') + 1),
      ClientName: name,
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: scopes,
      ...properties,
    });
    return { clientId: client.ref, clientSecret: String(client.attributes['ClientSecret']) };
  }

  async api(properties: Properties = {}): Promise<void> {
    const api = await this.create('AWS::ApiGatewayV2::Api', 'Api', {
      Name: 'api',
      ProtocolType: 'HTTP',
      ...properties,
    });
    this.apiId = api.ref;
    await this.create('AWS::ApiGatewayV2::Stage', 'Stage', {
      ApiId: this.apiId,
      StageName: '$default',
      AutoDeploy: true,
    });
  }

  /** Deploys the code and lets the API call it. Returns the target for routes. */
  async integration(name: string, code: string, properties: Properties = {}, permission = '*/*'): Promise<string> {
    const arn = await this.functions.deploy(name, code, { Timeout: 20 });
    await this.functions.permit(name, {
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:eu-central-1:000000000000:${this.apiId}/${permission}`,
    });
    const { ref } = await this.create('AWS::ApiGatewayV2::Integration', `${name}-integration`, {
      ApiId: this.apiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: arn,
      PayloadFormatVersion: '2.0',
      ...properties,
    });
    return `integrations/${ref}`;
  }

  async authorizer(audience: readonly string[]): Promise<string> {
    const { ref } = await this.create('AWS::ApiGatewayV2::Authorizer', 'Partners', {
      ApiId: this.apiId,
      Name: 'Partners',
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: this.issuer, Audience: audience },
    });
    return ref;
  }

  async route(key: string, target: string, properties: Properties = {}): Promise<void> {
    await this.create('AWS::ApiGatewayV2::Route', `route ${key}`, {
      ApiId: this.apiId,
      RouteKey: key,
      Target: target,
      ...properties,
    });
  }

  async token(client: { clientId: string; clientSecret: string }, scope?: string): Promise<string> {
    const response = await fetch(this.identity.tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) }),
    });
    return Object(await response.json()).access_token;
  }

  async end(): Promise<void> {
    await this.server.close();
    await this.identity.close();
    await this.functions.end();
  }
}
