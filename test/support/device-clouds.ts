import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AwsIotDeviceAccess } from '#functions/adapters/aws-iot/device-access.ts';
import { AwsIotRollouts } from '#functions/adapters/aws-iot/job-rollouts.ts';
import { MqttMessages } from '#functions/adapters/aws-iot/mqtt-messages.ts';
import { ShadowTwinRepository } from '#functions/adapters/aws-iot/shadow-twins.ts';
import type { HubOrder } from '#functions/adapters/azure-iot-hub/hub-calls.ts';
import { HubQuestions } from '#functions/adapters/azure-iot-hub/hub-questions.ts';
import { campaignIdOf } from '#shared/ota/campaigns/campaign-id.ts';
import { homeName } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { aVehicle } from '../contract/samples.ts';
import type { DeviceCloud } from '../contract/vehicle-cloud.ts';
import { administrator } from './aws-clients.ts';
import { ContractCar } from './contract-car.ts';
import type { JourneyCloud } from './journey-cloud.ts';

const stage = 'dev';
const fast = { min: 100, max: 500 };

/** AWS IoT behind the port, by its adapters. */
export async function firstDeviceCloud(home: JourneyCloud): Promise<DeviceCloud> {
  const { cloud } = home;
  const data = new IoTDataPlaneClient(administrator(cloud.file));
  const control = new IoTClient(administrator(cloud.file));
  const { awsIot } = await import('#device-sdk/transports/aws-iot.ts');
  const planned = { vin: 'WVWZZZAUZLW000077', brand: 'volkswagen', model: 'e-Golf', market: 'DE' };
  const transport = awsIot({ ...cloud.file.mqtt, reconnectDelay: fast });
  const car = await ContractCar.known(home, planned, () => ({ transport }));
  const access = new AwsIotDeviceAccess(control, data);
  const vehicle = aVehicle({ vehicleId: car.vehicleId });
  const certificate = () => home.journey.identityOf(planned.vin).certificateId;
  const rollouts = new AwsIotRollouts(control, stage);
  const campaignId = campaignIdOf(cloud.clock.now(), new Uint8Array(7));
  await rollouts.open(campaignId);
  return {
    ...{ car, campaignId, clock: cloud.clock, rollouts },
    twins: new ShadowTwinRepository(data),
    messages: new MqttMessages(data, stage),
    async shutOut() {
      await access.setCertificate(vehicle, certificate(), 'INACTIVE');
      await access.disconnect(vehicle);
    },
    letIn: () => access.setCertificate(vehicle, certificate(), 'ACTIVE'),
    differs: { takesStrangers: true, numbersWhatIsShown: false, reportsMoveRevisions: true, keepsLiveMessages: true },
    async close() {
      await rollouts.end(campaignId);
      data.destroy();
      control.destroy();
    },
  };
}

/** The hub behind the port, by the two functions that speak with it. */
export async function otherDeviceCloud(home: JourneyCloud): Promise<DeviceCloud> {
  const { cloud } = home;
  const lambda = new LambdaClient(administrator(cloud.file));
  const { factory } = await import('#device-sdk/examples/azure-factory.ts');
  const planned = { vin: 'WAUZZZGE1LB000077', brand: 'audi', model: 'e-tron', market: 'DE' };
  const made = (vehicleId: VehicleId) => factory(cloud.file, vehicleId, { reconnectDelay: fast });
  const car = await ContractCar.known(home, planned, made);
  const { vehicleId } = car;
  const name = homeName('vw-weu');
  const at = { home: name, epoch: 0 };
  const there = { name, epoch: 0 };
  const questions = new HubQuestions(lambda, functionNamed(home, 'hub-asked'));
  const told = (order: HubOrder) => called(lambda, functionNamed(home, 'hub-told'), asRecord(order));
  const handedOver = (order: HubOrder) => called(lambda, functionNamed(home, 'hub-asked'), order);
  // The platform's own version of the vehicle is lower.
  let order = 1_000;
  return {
    ...{ car, campaignId: campaignIdOf(cloud.clock.now(), new Uint8Array(7)), clock: cloud.clock },
    twins: {
      ...questions.twins(there),
      show: (to, name, patches, number) =>
        told({ kind: 'show', ...at, vehicleId: to, name, patches: [...patches], order: number }),
    },
    messages: {
      // What waits for a reply, and what waits for none and is done by the time that this is.
      send: async (to, message, now) => {
        if (message.mode === 'live') return questions.messages(there).send(to, { ...message, replyWithin: 5 }, now);
        await handedOver({ kind: 'message', ...at, vehicleId: to, message: { ...message } });
        return {};
      },
    },
    rollouts: {
      join: (campaignId, to, terms) =>
        told({
          ...{ kind: 'join', ...at, vehicleId: to, campaignId },
          releasedAt: cloud.clock.now(),
          order: terms.order,
        }),
      leave: (campaignId, to, terms) => told({ kind: 'leave', ...at, vehicleId: to, campaignId, order: terms.order }),
    },
    async shutOut() {
      await told({ kind: 'access', ...at, vehicleId, status: 'INACTIVE', order: order++ });
      await told({ kind: 'disconnect', ...at, vehicleId });
    },
    letIn: () => told({ kind: 'access', ...at, vehicleId, status: 'ACTIVE', order: order++ }),
    differs: { takesStrangers: false, numbersWhatIsShown: true, reportsMoveRevisions: false, keepsLiveMessages: false },
    async close() {
      lambda.destroy();
    },
  };
}

export function functionNamed({ cloud }: JourneyCloud, name: string): string {
  const names = cloud.lambda.functions().map(({ definition }) => definition.name);
  const found = names.find((each) => each.endsWith(name));
  if (found === undefined) throw new Error(`There is no ${name} among ${names.join(', ')}`);
  return found;
}

function asRecord(order: HubOrder): object {
  return { Records: [{ messageId: 'only', body: JSON.stringify(order), attributes: {}, messageAttributes: {} }] };
}

/** To its end. */
async function called(lambda: LambdaClient, functionName: string, event: object): Promise<void> {
  const call = { FunctionName: functionName, Payload: JSON.stringify(event) };
  const { FunctionError, Payload } = await lambda.send(new InvokeCommand(call));
  const answer = new TextDecoder().decode(Payload);
  if (FunctionError !== undefined || answer.includes('itemIdentifier')) throw new Error(`Not done: ${answer}`);
}
