import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { IConnackPacket, IConnectPacket } from 'mqtt-packet';
import type { CloudFile } from '#local/cloud-file.ts';
import { RawClient } from '../local/iot/broker/raw-client.ts';

/** A certificate with its key, whoever gave it. */
export interface Credentials {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export function claimOf({ claim }: CloudFile): Credentials & { readonly templateName: string } {
  return {
    certificatePem: readFileSync(claim.certificateFile, 'utf8'),
    privateKeyPem: readFileSync(claim.privateKeyFile, 'utf8'),
    templateName: claim.templateName,
  };
}

export interface Attempt {
  readonly client: RawClient;
  readonly connack: IConnackPacket;
}

/** Connects with MQTT 5 and says what the cloud answered. Throws where TLS already fails. */
export async function attempt(
  cloud: CloudFile,
  credentials: Credentials | undefined,
  clientId: string,
  session: Partial<IConnectPacket> = {},
): Promise<Attempt> {
  const { port, caFile } = cloud.mqtt;
  const socket = connect({
    ...tls(credentials),
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca: readFileSync(caFile),
  });
  await once(socket, 'secureConnect');
  const client = new RawClient(socket, 5);
  client.send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 5,
    clean: true,
    keepalive: 600,
    clientId,
    ...session,
  });
  // TLS 1.3 refuses a client's certificate after the handshake: the line is cut instead of an answer.
  const connack = await Promise.race([client.next('connack'), cutOff(client)]);
  return { client, connack };
}

async function cutOff(client: RawClient): Promise<never> {
  await client.closedByBroker();
  // What came before the end is still to be read.
  await new Promise((resolve) => setImmediate(resolve));
  const answered = client.received.some(({ cmd }) => cmd === 'connack');
  return answered ? new Promise<never>(() => {}) : Promise.reject(new Error('the line was cut'));
}

/** Publishes with QoS 1; gives the reason code of the PUBACK, 0 for success. */
export async function published(client: RawClient, topic: string, payload: Buffer | string = '{}'): Promise<number> {
  client.publish(topic, payload, 1);
  return (await client.next('puback')).reasonCode ?? 0;
}

/** The data plane over HTTPS with a certificate, as on port 8443 of AWS. */
export function overHttps(
  { mqtt }: CloudFile,
  credentials: Credentials | undefined,
  { method, path, body = '' }: { readonly method: string; readonly path: string; readonly body?: Buffer | string },
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const { httpsPort: port, caFile } = mqtt;
    const options = { method, path, port, host: '127.0.0.1', servername: 'localhost', ca: readFileSync(caFile) };
    const sent = request({ ...tls(credentials), ...options, agent: false });
    sent.on('error', reject);
    sent.on('response', (answer) => {
      text(answer).then((read) => resolve({ status: answer.statusCode ?? 0, body: read }), reject);
    });
    sent.end(body);
  });
}

function tls(credentials: Credentials | undefined) {
  return credentials === undefined ? {} : { cert: credentials.certificatePem, key: credentials.privateKeyPem };
}
