import { HttpMethod, HttpRoute, HttpRouteKey } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { sharingPrefixes } from '#functions/api/sharing-prefixes.ts';
import type { DataStack } from '../data-stack.ts';
import { ApiFunction } from '../parts/api-function.ts';
import type { House } from '../parts/house.ts';
import type { HouseFunction } from '../parts/house-function.ts';
import { grantRecords } from '../parts/record-grants.ts';
import type { Api } from './api.ts';
import type { Audit } from './audit.ts';

export interface SharingApiProps {
  readonly house: House;
  readonly data: Pick<DataStack, 'accessTable' | 'tasksTable' | 'registryTable' | 'ownershipTable'>;
  readonly audit: Audit;
  /** The door, of which it takes some paths. */
  readonly api: Api;
  readonly capabilities: readonly { serve(api: HouseFunction): void }[];
}

/** Answers behind the same door as `api` where it is about sharing, partners or webhooks. */
export class SharingApi extends Construct {
  readonly function: HouseFunction;

  constructor(scope: Construct, id: string, { house, data, audit, api, capabilities }: SharingApiProps) {
    super(scope, id);
    this.function = new ApiFunction(this, 'Function', {
      ...{ name: 'sharing-api', description: 'The HTTP API of partners and persons, where it is about sharing' },
      ...{ house, data, audit },
    });
    this.mayLookVehiclesUp(data);
    for (const capability of capabilities) capability.serve(this.function);
    const integration = new HttpLambdaIntegration('SharingApi', this.function);
    for (const prefix of sharingPrefixes) {
      // A path at a prefix and those below it are two routes for API Gateway.
      for (const path of [prefix, `${prefix}/{proxy+}`]) {
        new HttpRoute(this, `ANY${path}`, {
          ...{ httpApi: api.http, authorizer: api.authorizer, integration },
          routeKey: HttpRouteKey.with(path, HttpMethod.ANY),
        });
      }
    }
  }

  /** Which car comes into service, and whether somebody owns it. */
  private mayLookVehiclesUp({ registryTable, ownershipTable }: SharingApiProps['data']): void {
    this.function.addEnvironment('REGISTRY_TABLE', registryTable.tableName);
    this.function.addEnvironment('OWNERSHIP_TABLE', ownershipTable.tableName);
    grantRecords(this.function, registryTable, 'GetItem');
    grantRecords(this.function, ownershipTable, 'GetItem');
  }
}
