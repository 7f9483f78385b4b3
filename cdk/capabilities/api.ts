import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
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
import { named } from '../names.ts';
import { countedBy, fiveMinutes } from '../parts/alarms.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { grantRecords } from '../parts/record-grants.ts';
import type { RecordTable } from '../parts/record-table.ts';
import type { Access } from './access.ts';

export interface ApiProps {
  readonly house: House;
  readonly access: Access;
  readonly accessTable: RecordTable;
  readonly capabilities: readonly { serve(api: HouseFunction): void }[];
}

/** The door of partners and persons: API Gateway authenticates, the function decides. */
export class Api extends Construct {
  readonly function: HouseFunction;
  readonly http: HttpApi;
  readonly url: string;

  constructor(scope: Construct, id: string, { house, access, accessTable, capabilities }: ApiProps) {
    super(scope, id);
    this.function = new HouseFunction(this, 'Function', house, {
      name: 'api',
      description: 'The HTTP API of partners and persons',
      environment: {
        ACCESS_TABLE: accessTable.tableName,
        TOKEN_ISSUER: access.userPool.userPoolProviderUrl,
        CLIENT_QUOTA: JSON.stringify(house.settings.clientQuota),
        PERSON_QUOTA: JSON.stringify(house.settings.personQuota),
        BRANDS: house.settings.brands.map(({ slug }) => slug).join(','),
      },
      // A synchronous command waits 25 seconds; API Gateway gives up at 30.
      timeout: Duration.seconds(29),
      memorySize: 1024,
    });
    grantRecords(this.function, accessTable, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem');
    for (const capability of capabilities) capability.serve(this.function);
    this.http = this.routes(house, access);
    this.url = this.stage(house).url;
    this.alarm(house);
  }

  private routes(house: House, access: Access): HttpApi {
    const http = new HttpApi(this, 'Http', { apiName: named(house.settings.stage, 'api'), createDefaultStage: false });
    const integration = new HttpLambdaIntegration('Integration', this.function);
    const authorizer = new HttpJwtAuthorizer('Partners', access.userPool.userPoolProviderUrl, {
      jwtAudience: [...access.clients.map(({ client }) => client), access.app].map((client) => client.userPoolClientId),
    });
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

  private alarm(house: House): void {
    house.alarms.raise(this, 'Errors', {
      says: 'The API answers 5xx',
      metric: this.http.metricServerError({ period: fiveMinutes, statistic: 'Sum' }),
      above: 5,
    });
    house.alarms.raise(this, 'ShutOut', {
      says: 'A client was shut out for its conduct',
      metric: countedBy('api', 'ClientsShutOut'),
      above: 0,
    });
    house.alarms.raise(this, 'Uncounted', {
      says: 'Quotas are counted by each instance alone: the Access table does not answer',
      metric: countedBy('api', 'QuotasUncounted'),
      // One throttled call is no news.
      above: 5,
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
