import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { firstHome, type HomeName, type Homes, homeName } from '#shared/registry/home.ts';
import { HubOrders } from '../adapters/azure-iot-hub/hub-orders.ts';
import { HubQuestions } from '../adapters/azure-iot-hub/hub-questions.ts';
import { homesIn } from '../adapters/dynamo/homes.ts';
import { HomeDirectory } from '../adapters/homes/home-directory.ts';
import { homeForNew } from '../adapters/homes/home-for-new.ts';
import { optionalSetting, setting } from '../environment.ts';
import { systemClock } from './clock.ts';

const homeList = z.array(z.object({ name: z.string(), brands: z.array(z.string()) }));

/** Device clouds beside the first one; none unless the deployment names some. */
function otherHomes() {
  const text = optionalSetting('HOMES');
  return text === undefined ? [] : homeList.parse(JSON.parse(text));
}

export function otherHomeNames(): readonly HomeName[] {
  return otherHomes().map(({ name }) => homeName(name));
}

export function hasOtherHomes(): boolean {
  return optionalSetting('HOMES') !== undefined;
}

export function homesHere(): Homes {
  const others = otherHomes().map(({ name, brands }) => ({ name: homeName(name), brands }));
  return {
    names: [firstHome, ...otherHomeNames()],
    forNew: (brand, vehicleId) => homeForNew(others, brand, vehicleId),
  };
}

export function homeDirectory(client: DynamoDBDocumentClient): HomeDirectory {
  return new HomeDirectory(homesIn(client, setting('REGISTRY_TABLE')), systemClock);
}

export function hubOrders(): HubOrders {
  return new HubOrders(new SQSClient({}), setting('HUB_ORDERS_QUEUE_URL'), systemClock);
}

export function hubQuestions(): HubQuestions {
  return new HubQuestions(new LambdaClient({}), setting('HUB_ASKED_FUNCTION'));
}
