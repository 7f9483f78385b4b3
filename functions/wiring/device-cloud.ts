import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Rollouts } from '#shared/ota/campaigns/ports.ts';
import type { DeviceAccess } from '#shared/registry/consequence-service.ts';
import { firstHome, type Home } from '#shared/registry/home.ts';
import type { PlatformTwins, TwinRepository } from '#shared/twins/twin-repository.ts';
import { type Capabilities, everything } from '#shared/vehicle-cloud/capabilities.ts';
import type { DeviceMessages } from '#shared/vehicle-cloud/device-messages.ts';
import { AwsIotDeviceAccess } from '../adapters/aws-iot/device-access.ts';
import { AwsIotRollouts } from '../adapters/aws-iot/job-rollouts.ts';
import { MqttMessages } from '../adapters/aws-iot/mqtt-messages.ts';
import { ShadowTwinRepository } from '../adapters/aws-iot/shadow-twins.ts';
import { hubCapabilities } from '../adapters/azure-iot-hub/hub-capabilities.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { HomeAccess } from '../adapters/homes/home-access.ts';
import { HomeMessages } from '../adapters/homes/home-messages.ts';
import { HomeRollouts } from '../adapters/homes/home-rollouts.ts';
import { HomePlatformTwins, HomeTwins } from '../adapters/homes/home-twins.ts';
import { setting } from '../environment.ts';
import { hasOtherHomes, homeDirectory, hubOrders, hubQuestions } from './homes.ts';

/**
 * The device clouds. Each function takes what it needs, and the bundler leaves the rest out. Where a deployment has the
 * first home alone, nobody asks where a vehicle is at home.
 */

/** Somebody waits for what comes of it. */
export function askedTwins(client: DynamoDBDocumentClient): TwinRepository {
  const first = new ShadowTwinRepository(new IoTDataPlaneClient({}));
  return hasOtherHomes() ? new HomeTwins(homeDirectory(client), first, hubQuestions().twins) : first;
}

/** Somebody waits for what comes of it. */
export function askedMessages(client: DynamoDBDocumentClient): DeviceMessages {
  const first = new MqttMessages(new IoTDataPlaneClient({}), setting('STAGE'));
  return hasOtherHomes() ? new HomeMessages(homeDirectory(client), first, hubQuestions().messages) : first;
}

export function deviceMessages(client: DynamoDBDocumentClient = documentClient()): DeviceMessages {
  const first = new MqttMessages(new IoTDataPlaneClient({}), setting('STAGE'));
  return hasOtherHomes() ? new HomeMessages(homeDirectory(client), first, hubOrders().messages) : first;
}

export function platformTwins(client: DynamoDBDocumentClient): PlatformTwins {
  const first = new ShadowTwinRepository(new IoTDataPlaneClient({}));
  return hasOtherHomes() ? new HomePlatformTwins(homeDirectory(client), first, hubOrders().twins) : first;
}

export function deviceAccess(): DeviceAccess {
  const first = new AwsIotDeviceAccess(new IoTClient({}), new IoTDataPlaneClient({}));
  return hasOtherHomes() ? new HomeAccess(first, hubOrders().access) : first;
}

export function rollouts(client: DynamoDBDocumentClient): Rollouts {
  const first = new AwsIotRollouts(new IoTClient({}), setting('STAGE'));
  return hasOtherHomes() ? new HomeRollouts(homeDirectory(client), first, hubOrders().rollouts) : first;
}

/** What is made when a campaign starts: in the first home alone there is something to make. */
export function openedRollouts(): Pick<Rollouts, 'open'> {
  return new AwsIotRollouts(new IoTClient({}), setting('STAGE'));
}

export function capabilitiesOf(home: Home | undefined): Capabilities {
  return home === undefined || home.name === firstHome ? everything : hubCapabilities;
}
