import { SQSClient } from '@aws-sdk/client-sqs';
import { ExpiryWatch } from '#shared/registry/expiry-watch.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoVehicleScan } from '../adapters/dynamo/vehicle-scan.ts';
import { SqsWatchQueue } from '../adapters/sqs/watch-queue.ts';
import { setting } from '../environment.ts';
import { systemClock } from './clock.ts';
import { registryPorts } from './registry.ts';

export function wireExpiryWatch() {
  const client = documentClient();
  const scan = new DynamoVehicleScan(client, setting('REGISTRY_TABLE'));
  return {
    watch: new ExpiryWatch(scan, registryPorts(client).vehicles, systemClock),
    queue: new SqsWatchQueue(new SQSClient({}), setting('WATCH_QUEUE_URL')),
  };
}
