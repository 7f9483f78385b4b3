import type { UserProperties } from 'mqtt-packet';
import { z } from 'zod';
import { AwsError } from '#local/aws-error.ts';
import { limits } from '../broker/limits.ts';
import type { MessageProperties } from '../broker/message.ts';
import { faultOfTopic } from '../broker/topic-name.ts';
import type { Arns } from '../registry/arns.ts';
import { invalidRequest } from '../registry/errors.ts';
import { done, type RestCall, type Route } from '../registry/rest.ts';
import { parseShadowTopic } from '../shadows/shadow-topics.ts';
import type { DataPlaneBroker } from './broker-routes.ts';

const pairs = z.array(z.record(z.string(), z.string()));

/** HTTP publish. The MQTT 5 properties come as parameters and headers. */
export function publishRoute(broker: DataPlaneBroker, arns: Arns): Route {
  return {
    name: 'Publish',
    method: 'POST',
    path: '/topics/{topic+}',
    query: ['qos', 'retain', 'contentType', 'responseTopic', 'messageExpiry'],
    understand(call) {
      const topic = call.parameter('topic');
      const fault = faultOfTopic(topic);
      if (fault !== undefined) throw invalidRequest(`"${topic}" is no topic: ${fault}.`);
      if (call.body.byteLength > limits.payloadBytes) {
        throw new AwsError(
          'RequestEntityTooLargeException',
          413,
          `A payload has at most ${limits.payloadBytes} bytes.`,
        );
      }
      if (topic.startsWith('$') && !isOpenToHttp(topic)) {
        throw new AwsError('ForbiddenException', 403, `Nobody publishes to the reserved topic ${topic}.`);
      }
      const retain = call.flag('retain');
      if (retain && topic.startsWith('$')) throw invalidRequest('Nothing is retained on reserved topics.');
      const options = {
        qos: call.integer('qos', 0, 1) === 1 ? 1 : 0,
        retain,
        properties: propertiesOf(call),
      } as const;
      const actions = retain ? ['iot:Publish', 'iot:RetainPublish'] : ['iot:Publish'];
      return {
        permissions: actions.map((action) => ({ action, resource: arns.topic(topic) })),
        async run() {
          await broker.submit(topic, call.body, options);
          return done();
        },
      };
    },
  };
}

/** Of the topics that AWS IoT keeps for itself, requests to shadows and Basic Ingest can be published by HTTP. */
function isOpenToHttp(topic: string): boolean {
  return parseShadowTopic(topic) !== undefined || /^\$aws\/rules\/[^/]+\/./.test(topic);
}

function propertiesOf(call: RestCall): MessageProperties {
  const contentType = call.query('contentType');
  const responseTopic = call.query('responseTopic');
  const expiry = call.integer('messageExpiry', 0, Number.MAX_SAFE_INTEGER);
  const correlationData = call.header('x-amz-mqtt5-correlation-data');
  const userProperties = call.header('x-amz-mqtt5-user-properties');
  const format = call.header('x-amz-mqtt5-payload-format-indicator');
  if (responseTopic !== undefined && faultOfTopic(responseTopic) !== undefined) {
    throw invalidRequest('The response topic is no topic to publish on.');
  }
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(expiry === undefined ? {} : { messageExpiryInterval: clampExpiry(expiry) }),
    ...(correlationData === undefined ? {} : { correlationData: fromBase64(correlationData, 'correlation data') }),
    ...(userProperties === undefined ? {} : { userProperties: readUserProperties(userProperties) }),
    ...(format === undefined ? {} : { payloadFormatIndicator: isText(format) }),
  };
}

/** AWS IoT keeps messages at least a second and at most a week. */
function clampExpiry(seconds: number): number {
  return Math.min(Math.max(seconds, 1), limits.messageExpirySeconds);
}

function isText(format: string): boolean {
  if (format !== 'UTF8_DATA' && format !== 'UNSPECIFIED_BYTES') {
    throw invalidRequest(`The payload format is UTF8_DATA or UNSPECIFIED_BYTES, not "${format}".`);
  }
  return format === 'UTF8_DATA';
}

/** Base64 of `[{"name":"value"},{"name":"another value"}]`: a name may come several times. */
function readUserProperties(header: string): UserProperties {
  const text = fromBase64(header, 'user properties').toString('utf8');
  let list: z.infer<typeof pairs>;
  try {
    list = pairs.parse(JSON.parse(text));
  } catch {
    throw invalidRequest('The user properties are no JSON array of objects with one text each.');
  }
  const values = new Map<string, string[]>();
  for (const pair of list) {
    for (const [name, value] of Object.entries(pair)) values.set(name, [...(values.get(name) ?? []), value]);
  }
  const only = (all: string[]): string | string[] => (all.length === 1 ? (all[0] ?? all) : all);
  return Object.fromEntries([...values].map(([name, all]) => [name, only(all)]));
}

function fromBase64(text: string, what: string): Buffer {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw invalidRequest(`The ${what} are not base64.`);
  return Buffer.from(text, 'base64');
}
