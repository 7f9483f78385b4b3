import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { DataStack } from '../data-stack.ts';
import { named } from '../names.ts';
import { fiveMinutes } from '../parts/alarms.ts';
import { ApiFunction } from '../parts/api-function.ts';
import type { House } from '../parts/house.ts';
import type { HouseFunction } from '../parts/house-function.ts';
import type { Audit } from './audit.ts';

export interface ApiProps {
  readonly house: House;
  readonly data: Pick<DataStack, 'access' | 'accessTable' | 'tasksTable'>;
  readonly audit: Audit;
  readonly capabilities: readonly { serve(api: HouseFunction): void }[];
}

/**
 * The door of partners and persons: API Gateway authenticates, functions decide. Whatever no stack after this one leads
 * elsewhere comes to the function `api`.
 */
export class Api extends Construct {
  readonly function: HouseFunction;
  readonly http: HttpApi;
  /** By whose word a token counts. */
  readonly authorizer: HttpJwtAuthorizer;
  readonly url: string;

  constructor(scope: Construct, id: string, { house, data, audit, capabilities }: ApiProps) {
    super(scope, id);
    const { access } = data;
    this.function = new ApiFunction(this, 'Function', {
      ...{ name: 'api', description: 'The HTTP API of partners and persons, where it is about vehicles' },
      ...{ house, data, audit },
    });
    this.function.addEnvironment('TOKEN_ISSUER', access.userPool.userPoolProviderUrl);
    for (const capability of capabilities) capability.serve(this.function);
    this.authorizer = new HttpJwtAuthorizer('Partners', access.userPool.userPoolProviderUrl, {
      jwtAudience: [...access.clients.map(({ client }) => client), access.app].map((client) => client.userPoolClientId),
    });
    this.http = this.routes(house);
    this.url = this.stage(house).url;
    house.alarms.raise(this, 'Errors', {
      says: 'The API answers 5xx',
      metric: this.http.metricServerError({ period: fiveMinutes, statistic: 'Sum' }),
      above: 5,
    });
  }

  private routes(house: House): HttpApi {
    const { authorizer } = this;
    const http = new HttpApi(this, 'Http', { apiName: named(house.settings.stage, 'api'), createDefaultStage: false });
    const integration = new HttpLambdaIntegration('Integration', this.function);
    http.addRoutes({ path: '/{proxy+}', methods: [HttpMethod.ANY], integration, authorizer });
    for (const path of ['/openapi.json', '/docs']) {
      const routes = http.addRoutes({
        path,
        methods: [HttpMethod.GET],
        integration,
        authorizer: new HttpNoneAuthorizer(),
      });
      const reason = 'The description of the API is for everybody; it holds no data.';
      for (const route of routes) Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
    }
    return http;
  }

  private stage(house: House): HttpStage {
    const accessLog = new LogGroup(this, 'AccessLog', {
      // AWS gives API Gateway a right to this prefix as a whole. Any other name would be added to a policy of the
      // account that holds 5,120 characters, and is full where there are many APIs.
      logGroupName: `/aws/vendedlogs/${named(house.settings.stage, 'api')}`,
      retention: house.settings.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new HttpStage(this, 'Stage', {
      httpApi: this.http,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 1000, burstLimit: 500 },
      accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: accessLogFormat },
    });
  }
}

/** One line of JSON a request; the client is a partner's or the app, never the person who uses it. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    // What the function's log lines, problems and `x-request-id` carry; API Gateway's own id never reaches them.
    functionRequestId: '$context.awsEndpointRequestId',
    time: '$context.requestTimeEpoch',
    client: '$context.authorizer.claims.client_id',
    method: '$context.httpMethod',
    route: '$context.routeKey',
    status: '$context.status',
    bytes: '$context.responseLength',
    latency: '$context.responseLatency',
    integrationError: '$context.integrationErrorMessage',
    authorizerError: '$context.authorizer.error',
    sourceIp: '$context.identity.sourceIp',
  }),
);
