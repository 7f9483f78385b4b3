import { join } from 'node:path';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { named } from '../names.ts';
import { acknowledgeFolders, acknowledgeWildcards } from './acknowledge.ts';
import { fiveMinutes } from './alarms.ts';
import type { House } from './house.ts';
import { iotArn } from './iot-arn.ts';
import { LastStop } from './queues.ts';

export interface HouseFunctionProps {
  /** The file in `functions/handlers/`. */
  readonly name: string;
  readonly description: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeout?: Duration;
  readonly memorySize?: number;
  /** Invoked asynchronously: what failed three times goes to a dead-letter queue. */
  readonly asynchronous?: boolean;
  /**
   * Goes on through the queue that it reads. Lambda takes that for a mistake and, from the 17th run of one chain on,
   * puts the message among the dead letters ("Lambda recursive loop detection") unless it is told otherwise.
   */
  readonly goesOnByItself?: boolean;
  /**
   * Calls servers that strangers name. Names are looked up by a pool of threads, half of which at the most wait for names:
   * of Node's four, two names whose servers hang would stall every other call, ours of AWS with them.
   */
  readonly callsStrangers?: boolean;
}

const threads = 64;

/**
 * A function of the house: a bundle from `functions/handlers/`, its own log group, its own role that may
 * do nothing but log and trace until a capability grants more, and alarms when it fails or is throttled.
 */
export class HouseFunction extends LambdaFunction {
  /** The file in `functions/handlers/`. */
  readonly handlerName: string;
  readonly #role: Role;

  constructor(scope: Construct, id: string, house: House, props: HouseFunctionProps) {
    const { stage, logDays, iotEndpoint } = house.settings;
    const logGroup = new LogGroup(scope, `${id}Logs`, { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    const deadLetterQueue = props.asynchronous === true ? deadLetters(scope, id, house, props.name) : undefined;
    super(scope, id, {
      functionName: named(stage, props.name),
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(join(house.functionsDirectory, props.name)),
      memorySize: props.memorySize ?? 512,
      timeout: props.timeout ?? Duration.seconds(30),
      tracing: Tracing.ACTIVE,
      role,
      logGroup,
      ...(deadLetterQueue === undefined ? {} : { deadLetterQueue }),
      ...(props.goesOnByItself === true ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
      environment: {
        STAGE: stage,
        POWERTOOLS_SERVICE_NAME: props.name,
        POWERTOOLS_METRICS_NAMESPACE: 'Fleetloom',
        // Every AWS SDK knows this name and calls AWS IoT's data plane there.
        ...(iotEndpoint === undefined ? {} : { AWS_ENDPOINT_URL_IOT_DATA_PLANE: `https://${iotEndpoint}` }),
        ...(props.callsStrangers === true ? { UV_THREADPOOL_SIZE: String(threads) } : {}),
        ...props.environment,
      },
    });
    this.handlerName = props.name;
    this.#role = role;
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources: tracing needs *.",
    });
    // Two alarms, since a sum has no value where one of its metrics has none: a function that is throttled
    // from its first call to its last reports no errors, nor that there were none.
    house.alarms.raise(this, 'Failing', {
      says: `${props.name} fails`,
      metric: this.metricErrors({ period: fiveMinutes }),
      above: 0,
    });
    house.alarms.raise(this, 'Throttled', {
      says: `${props.name} is throttled`,
      metric: this.metricThrottles({ period: fiveMinutes }),
      above: 0,
    });
  }

  /** Grants the function's role these actions on these resources, and nothing else. */
  may(actions: readonly string[], ...resources: readonly string[]): void {
    this.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }

  /**
   * Grants actions on what AWS IoT makes at run time, where the narrowest name holds a wildcard.
   *
   * @param resources as in {@link iotArn}: `thing/veh-*`
   */
  mayInIot(actions: readonly string[], resources: readonly string[], reason: string): void {
    this.may(actions, ...resources.map((resource) => iotArn(this, resource)));
    acknowledgeWildcards(this.#role, resources, reason);
  }

  /** Grants actions on the files of some folders of a bucket, whatever they are called. */
  mayWithFiles(actions: readonly string[], bucket: Bucket, folders: readonly string[], reason: string): void {
    this.may(actions, ...folders.map((folder) => `${bucket.bucketArn}/${folder}/*`));
    acknowledgeFolders(this.#role, bucket, folders, reason);
  }
}

function deadLetters(scope: Construct, id: string, house: House, name: string): IQueue {
  return new LastStop(scope, `${id}Dead`, house, `${name}-dead`, `${name} failed three times on an event`);
}
