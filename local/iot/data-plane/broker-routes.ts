import type { UserProperties } from 'mqtt-packet';
import type { Broker } from '../broker/broker.ts';
import type { Message } from '../broker/message.ts';
import type { Arns } from '../registry/arns.ts';
import { notFound } from '../registry/errors.ts';
import { answer, done, type PageNames, type Route } from '../registry/rest.ts';

/** The part of the broker that the data plane needs. */
export type DataPlaneBroker = Pick<Broker, 'submit' | 'disconnect' | 'retainedMessage' | 'retainedMessages'>;

const retainedPages: PageNames = { size: 'maxResults', token: 'nextToken', next: 'nextToken', default: 200, most: 200 };

/** Retained messages and connections. */
export function brokerRoutes(broker: DataPlaneBroker, arns: Arns): readonly Route[] {
  return [
    {
      name: 'GetRetainedMessage',
      method: 'GET',
      path: '/retainedMessage/{topic+}',
      understand(call) {
        const topic = call.parameter('topic');
        return {
          permissions: [{ action: 'iot:GetRetainedMessage', resource: arns.topic(topic) }],
          run() {
            const message = broker.retainedMessage(topic);
            if (message === undefined) throw notFound(`No message is retained on the topic ${topic}.`);
            const userProperties = encodeUserProperties(message.properties.userProperties);
            return answer({
              topic,
              payload: message.payload.toString('base64'),
              qos: message.qos,
              lastModifiedTime: message.timestamp,
              ...(userProperties === undefined ? {} : { userProperties }),
            });
          },
        };
      },
    },
    {
      name: 'ListRetainedMessages',
      method: 'GET',
      path: '/retainedMessage',
      query: ['nextToken', 'maxResults'],
      understand: (call) => ({
        permissions: [{ action: 'iot:ListRetainedMessages', resource: '*' }],
        run() {
          const messages = [...broker.retainedMessages()].sort((left, right) => (left.topic < right.topic ? -1 : 1));
          const { items, next } = call.page(messages, ({ topic }) => topic, retainedPages);
          return answer({ retainedTopics: items.map(summary), ...next });
        },
      }),
    },
    {
      name: 'DeleteConnection',
      method: 'DELETE',
      path: '/connections/{clientId}',
      query: ['cleanSession', 'preventWillMessage'],
      understand(call) {
        const clientId = call.parameter('clientId');
        const options = {
          cleanSession: call.flag('cleanSession'),
          preventWillMessage: call.flag('preventWillMessage'),
        };
        return {
          permissions: [{ action: 'iot:DeleteConnection', resource: arns.client(clientId) }],
          run() {
            if (!broker.disconnect(clientId, options)) throw notFound(`The client ${clientId} is not connected.`);
            return done();
          },
        };
      },
    },
  ];
}

function summary({ topic, payload, qos, timestamp }: Message) {
  return { topic, payloadSize: payload.byteLength, qos, lastModifiedTime: timestamp };
}

function encodeUserProperties(properties: UserProperties | undefined): string | undefined {
  if (properties === undefined) return undefined;
  const pairs = Object.entries(properties).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((value) => ({ [name]: value })),
  );
  return Buffer.from(JSON.stringify(pairs)).toString('base64');
}
