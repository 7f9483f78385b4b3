import {
  GetRetainedMessageCommand,
  IoTDataPlaneClient,
  PublishCommand,
  type PublishCommandInput,
} from '@aws-sdk/client-iot-data-plane';
import { administrator } from '../aws-clients.ts';
import { attempt } from '../device.ts';
import { rawVehicle } from '../raw-vehicle.ts';
import { type Ask, type Make, newVin, outcomeOf, type Stage } from './stage.ts';

const hour = 3600;

/** What the broker keeps for clients that are away. */
export const ofMessages: Readonly<Record<string, Make>> = {
  async 'a message for a vehicle that is away'(stage) {
    const one = async (): Promise<Ask> => {
      const vehicle = await away(stage);
      await publish(stage, { topic: vehicle.topic, qos: 1, messageExpiry: hour / 2, payload: Buffer.from('news') });
      return async () => ((await vehicle.back(hour)).payloads.includes('news') ? 'good' : 'gone');
    };
    const [first, second] = [await one(), await one()];
    return [first, second, second];
  },
  async 'the session of a vehicle that is away'(stage) {
    const [first, second] = [await away(stage), await away(stage)];
    const session = async ({ back }: Away) => ((await back(0)).sessionPresent ? 'good' : 'anew');
    return [() => session(first), () => session(second), () => session(second)];
  },
  async 'a retained message'(stage) {
    const topic = `notices/${newVin()}`;
    await publish(stage, { topic, qos: 1, retain: true, messageExpiry: hour, payload: Buffer.from('read me') });
    return () => dataPlane(stage, (client) => client.send(new GetRetainedMessageCommand({ topic })));
  },
};

interface Away {
  readonly topic: string;
  /** Connects, takes what was stored, and leaves again. */
  back(sessionExpiryInterval: number): Promise<{ sessionPresent: boolean; payloads: readonly string[] }>;
}

/** It has subscribed to its own topic and left. */
async function away({ scene }: Stage): Promise<Away> {
  const { vehicleId, identity, client } = await rawVehicle(scene, newVin());
  client.send({ cmd: 'disconnect', reasonCode: 0 });
  await client.closedByBroker();
  const topic = identity.topics.commandTopic;
  const connected = async (sessionExpiryInterval: number, filter?: string) => {
    const session = { clean: false, properties: { sessionExpiryInterval } };
    const { client: next, connack } = await attempt(scene.cloud.file, identity, vehicleId, session);
    if (filter !== undefined) await next.subscribe(filter);
    const payloads = await next.payloads();
    await next.settled();
    next.send({ cmd: 'disconnect', reasonCode: 0 });
    await next.closedByBroker();
    return { sessionPresent: connack.sessionPresent, payloads };
  };
  await connected(hour, topic);
  return { topic, back: (interval) => connected(interval) };
}

async function publish(stage: Stage, message: PublishCommandInput): Promise<void> {
  const outcome = await dataPlane(stage, (client) => client.send(new PublishCommand(message)));
  if (outcome !== 'good') throw new Error(`Not published: ${outcome}`);
}

function dataPlane({ file }: Stage, call: (client: IoTDataPlaneClient) => Promise<unknown>): Promise<string> {
  return outcomeOf(new IoTDataPlaneClient(administrator(file)), call);
}
