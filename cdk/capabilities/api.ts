import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  CfnStage,
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
import { fiveMinutes } from '../parts/alarms.ts';
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

/** The partners' door: API Gateway authenticates, the function decides. */
export class Api extends Construct {
  readonly function: HouseFunction;
  readonly http: HttpApi;
  readonly url: string;

  constructor(scope: Construct, id: string, { house, access, accessTable, capabilities }: ApiProps) {
    super(scope, id);
    this.function = new HouseFunction(this, 'Function', house, {
      name: 'api',
      description: 'The partners’ HTTP API',
      environment: {
        ACCESS_TABLE: accessTable.tableName,
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
      jwtAudience: access.clients.map(({ client }) => client.userPoolClientId),
    });
    http.addRoutes({ path: '/{proxy+}', methods: [HttpMethod.ANY], integration, authorizer });
    for (const path of ['/openapi.json', '/docs']) {
      http.addRoutes({ path, methods: [HttpMethod.GET], integration, authorizer: new HttpNoneAuthorizer() });
    }
    return http;
  }

  private stage(house: House): HttpStage {
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: house.settings.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new HttpStage(this, 'Stage', {
      httpApi: this.http,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 1000, burstLimit: 500 },
      accessLogSettings: { destination: new LogGroupLogDestination(accessLog) },
    });
  }

  private alarm(house: House): void {
    house.alarms.raise(this, 'Errors', {
      says: 'The API answers 5xx',
      metric: this.http.metricServerError({ period: fiveMinutes, statistic: 'Sum' }),
      above: 5,
    });
  }
}
