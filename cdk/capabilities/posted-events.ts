import { CfnParameter, Duration, Validations } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod, HttpNoneAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import type { DataStack } from '../data-stack.ts';
import { countedBy } from '../parts/alarms.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { grantRecords } from '../parts/record-grants.ts';
import type { Ingest } from './ingest.ts';

export interface PostedEventsProps {
  readonly house: House;
  readonly ingest: Ingest;
  readonly data: Pick<DataStack, 'registryTable' | 'accessTable'>;
  readonly http: HttpApi;
}

/** Where the homes beside AWS IoT post what their vehicles say: signed, to the same functions that the rules reach. */
export class PostedEvents extends Construct {
  readonly functions: readonly HouseFunction[];

  constructor(scope: Construct, id: string, { house, ingest, data, http }: PostedEventsProps) {
    super(scope, id);
    const posted = new HouseFunction(this, 'Posted', house, {
      name: 'events-posted',
      description: 'Takes in what vehicles say in other homes, and says which devices are expected there',
      environment: {
        REGISTRY_TABLE: data.registryTable.tableName,
        ACCESS_TABLE: data.accessTable.tableName,
        DEVICE_EVENT_KEYS: this.keys(),
      },
      // Whoever posts gives up after thirty.
      timeout: Duration.seconds(25),
      memorySize: 1024,
    });
    grantRecords(posted, data.registryTable, 'GetItem', 'BatchGetItem', 'PutItem');
    grantRecords(posted, data.accessTable, 'GetItem', 'PutItem');
    ingest.mayQuarantine(posted);
    ingest.mayHandOn(posted);
    this.routes(http, posted);
    this.alarms(house);
    this.functions = [posted];
  }

  /** Public halves alone: a parameter, because they change while the stack stays. */
  private keys(): string {
    const one = '[a-z0-9-]+\\.[A-Za-z0-9_-]+:[A-Za-z0-9_-]{43}';
    const parameter = new CfnParameter(this, 'Keys', {
      description: 'Keys that homes sign their posts with: <home>.<name>:<Ed25519 public key, base64url>, by commas',
      allowedPattern: `${one}(,${one})*`,
      constraintDescription: 'must be <home>.<name>:<43 characters of base64url>, by commas',
    });
    parameter.overrideLogicalId('DeviceEventKeys');
    return parameter.valueAsString;
  }

  private routes(http: HttpApi, posted: HouseFunction): void {
    const integration = new HttpLambdaIntegration('PostedEvents', posted);
    for (const resource of ['device-events', 'device-admissions']) {
      const routes = http.addRoutes({
        path: `/v1/${resource}/{home}`,
        methods: [HttpMethod.POST],
        integration,
        authorizer: new HttpNoneAuthorizer(),
      });
      const reason = 'Each post carries a signature of its home, which the function looks at before anything else.';
      for (const route of routes) Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
    }
  }

  private alarms(house: House): void {
    house.alarms.raise(this, 'Refused', {
      says: 'Posts of another home are refused: a key, a clock, or somebody who is neither',
      metric: countedBy('events-posted', 'PostsRefused'),
      // One that was sent twice is no news.
      above: 5,
    });
    house.alarms.raise(this, 'Failed', {
      says: 'What other homes post is not taken in; they keep it and try again',
      metric: countedBy('events-posted', 'PostsFailed'),
      above: 5,
    });
  }
}
