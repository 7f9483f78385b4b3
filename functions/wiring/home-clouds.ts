import { DescribeEndpointCommand, IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { firstHome } from '#shared/registry/home.ts';
import type { HomeClouds } from '#shared/registry/move-ports.ts';
import { AwsIotHome } from '../adapters/aws-iot/home-cloud.ts';
import { HubHomeCloud } from '../adapters/azure-iot-hub/hub-home.ts';
import { setting } from '../environment.ts';
import { otherHomeNames } from './homes.ts';

/** Every device cloud of the deployment, as whoever moves a vehicle calls it. */
export function homeClouds(): HomeClouds {
  const control = new IoTClient({});
  const first = { control, data: new IoTDataPlaneClient({}), stage: setting('STAGE'), endpoint: endpointOf(control) };
  const others = otherHomeNames();
  const lambda = new LambdaClient({});
  return (home) => {
    if (home.name === firstHome) return new AwsIotHome(home, first);
    return others.includes(home.name) ? new HubHomeCloud(home, lambda, setting('HUB_ASKED_FUNCTION')) : undefined;
  };
}

/** Where vehicles connect; the same for the life of the account. */
function endpointOf(client: IoTClient): () => Promise<string> {
  let known: string | undefined;
  return async () => {
    if (known !== undefined) return known;
    const { endpointAddress } = await client.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }));
    if (endpointAddress === undefined) throw new Error('AWS IoT named no endpoint');
    known = endpointAddress;
    return known;
  };
}
