import { readFileSync } from 'node:fs';
import { iot, mqtt5 } from 'aws-iot-device-sdk-v2';
import { awsIotDialect } from '../dialects/aws-iot.ts';
import { reasonOf } from '../host.ts';
import { usualDelay } from '../reconnect-delay.ts';
import { type Connection, type ConnectionEvents, type ConnectOptions, Denied, type Transport } from '../transport.ts';

export interface AwsIotEndpoint {
  /** Default: where the cloud has told the vehicle to call. */
  readonly host?: string;
  /** Default 8883. */
  readonly port?: number;
  /** PEM file of the authority that signed the endpoint's certificate; default: the system's trust store. */
  readonly caFile?: string;
  /** Seconds, 30 … 1200; default 60. */
  readonly keepAlive?: number;
  /** Bounds in ms of the pause between attempts, which is drawn at random from a growing range; default 500 and 60,000. */
  readonly reconnectDelay?: { readonly min: number; readonly max: number };
}

/** Seconds after which an unanswered publish or subscribe counts as lost. */
const acknowledgementTimeout = 15;
/** Milliseconds that a goodbye may take. */
const farewell = 3000;
/**
 * Milliseconds for which a closed client goes on tearing itself down on its own threads. It tells nobody when
 * it is done, and a process that ends before crashes in native code (aws-crt 1.33).
 */
const teardown = 150;
const denials: ReadonlySet<number> = new Set([
  mqtt5.ConnectReasonCode.NotAuthorized,
  mqtt5.ConnectReasonCode.BadUsernameOrPassword,
  mqtt5.ConnectReasonCode.Banned,
]);
/**
 * A certificate that is not active may never see a CONNACK: the line is dropped in the handshake or after it. A
 * bad network may do the same; whoever draws conclusions asks the cloud again by another way first.
 */
const hangUps: ReadonlySet<string> = new Set([
  'AWS_IO_SOCKET_CLOSED',
  'AWS_IO_TLS_ERROR_NEGOTIATION_FAILURE',
  'AWS_IO_TLS_ERROR_ALERT_RECEIVED',
  'AWS_ERROR_MQTT_UNEXPECTED_HANGUP',
]);

/**
 * AWS IoT Core, or the local cloud in its place: MQTT 5 over mutual TLS with AWS's own device SDK. The
 * session is resumed where the cloud still has it. What was not acknowledged fails when the line breaks:
 * outbox, command memory and twins repeat it, and so nothing is repeated by two parties.
 *
 * Once a client was made, Node does not end by itself, not even after `close` (aws-crt-nodejs issue 600): a
 * program that is done calls `process.exit`.
 *
 * @example
 * const transport = awsIot({ host: 'localhost', port: 8883, caFile: '.local/ca.pem' });
 */
export function awsIot(endpoint: AwsIotEndpoint): Transport {
  return {
    dialect: awsIotDialect,
    connect: (options, events) => start(new mqtt5.Mqtt5Client(clientConfig(endpoint, options)), events),
  };
}

function clientConfig(endpoint: AwsIotEndpoint, options: ConnectOptions): mqtt5.Mqtt5ClientConfig {
  const { host = options.endpoint, port = 8883, caFile, keepAlive = 60, reconnectDelay = usualDelay } = endpoint;
  const { clientId, certificatePem, privateKeyPem, sessionExpiry } = options;
  if (host === undefined) throw new Error('nobody has said where the cloud is');
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
    host,
    certificatePem,
    privateKeyPem,
  );
  if (caFile !== undefined) builder.withCertificateAuthority(readFileSync(caFile, 'utf8'));
  return builder
    .withPort(port)
    .withConnectProperties({
      clientId,
      keepAliveIntervalSeconds: keepAlive,
      sessionExpiryIntervalSeconds: sessionExpiry,
    })
    .withSessionBehavior(
      sessionExpiry > 0 ? mqtt5.ClientSessionBehavior.RejoinAlways : mqtt5.ClientSessionBehavior.Clean,
    )
    .withRetryJitterMode(mqtt5.RetryJitterType.Full)
    .withMinReconnectDelayMs(reconnectDelay.min)
    .withMaxReconnectDelayMs(reconnectDelay.max)
    .withMinConnectedTimeToResetReconnectDelayMs(reconnectDelay.max / 2)
    .withOfflineQueueBehavior(mqtt5.ClientOperationQueueBehavior.FailAllOnDisconnect)
    .withExtendedValidationAndFlowControlOptions(mqtt5.ClientExtendedValidationAndFlowControl.AwsIotCoreDefaults)
    .withAckTimeoutSeconds(acknowledgementTimeout)
    .build();
}

function start(client: mqtt5.Mqtt5Client, events: ConnectionEvents): Connection {
  let closing: Promise<void> | undefined;
  const unacknowledged = new Set<Acknowledgement>();
  const acknowledge = (acknowledgement: Acknowledgement) => {
    if (unacknowledged.delete(acknowledgement)) acknowledgement.invokeAcknowledgement();
  };
  /** An attempt that is broken off because somebody closes says nothing about the cloud. */
  const refused = (reason: string, denied: boolean) => {
    if (closing === undefined) events.refused(reason, denied);
  };
  client.on('error', (error) => refused(reasonOf(error), false));
  client.on('connectionSuccess', ({ connack }) => events.connected({ sessionPresent: connack.sessionPresent }));
  client.on('connectionFailure', ({ error, connack }) =>
    connack === undefined
      ? refused(reasonOf(error), hangUps.has(error.error_name ?? ''))
      : refused(`CONNACK ${connack.reasonCode} ${connack.reasonString ?? ''}`.trim(), denials.has(connack.reasonCode)),
  );
  client.on('disconnection', ({ error, disconnect }) =>
    events.disconnected(disconnect === undefined ? reasonOf(error) : `DISCONNECT ${disconnect.reasonCode}`),
  );
  client.on('messageReceived', ({ message, acknowledgementControl }) => {
    // What comes after the goodbye is not taken: the cloud sends it again.
    if (closing !== undefined) return;
    const acknowledgement = acknowledgementControl?.acquireHandle() ?? undefined;
    if (acknowledgement !== undefined) unacknowledged.add(acknowledgement);
    events.message(message.topicName, bytes(message.payload));
    if (acknowledgement === undefined) return;
    // What the message makes the vehicle say goes first. Behind the PUBACK it would wait in this socket, which
    // gathers small packets, until the other side's delayed acknowledgement: some 40 ms (Nagle, RFC 896).
    setImmediate(() => acknowledge(acknowledgement));
  });
  client.start();
  /** A client that was closed says nothing any more, also not to whoever waits for an answer. */
  const waiting = new Set<(reason: Error) => void>();
  const answered = <Answer>(work: Promise<Answer>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.add(reject);
      work.then(resolve, reject).finally(() => waiting.delete(reject));
    });
  const letGo = () => {
    for (const reject of waiting) reject(new Error('the connection was closed'));
  };
  return {
    async publish(topicName, payload) {
      const puback = await answered(client.publish({ topicName, payload, qos: mqtt5.QoS.AtLeastOnce }));
      if (puback !== undefined && !mqtt5.isSuccessfulPubackReasonCode(puback.reasonCode)) {
        throw refusal(puback.reasonCode, `PUBACK ${puback.reasonCode} for ${topicName}`);
      }
    },
    async subscribe(filters) {
      const subscriptions = filters.map((topicFilter) => ({ topicFilter, qos: mqtt5.QoS.AtLeastOnce }));
      const { reasonCodes } = await answered(client.subscribe({ subscriptions }));
      const refused = reasonCodes.findIndex((code) => !mqtt5.isSuccessfulSubackReasonCode(code));
      if (refused >= 0) throw refusal(reasonCodes[refused], `SUBACK ${reasonCodes[refused]} for ${filters[refused]}`);
    },
    close() {
      // After the goodbye it would be too late: a client that is to stop and to acknowledge does neither for seconds.
      if (closing === undefined) for (const each of unacknowledged) acknowledge(each);
      closing ??= stop(client).finally(letGo);
      return closing;
    },
  };
}

type Acknowledgement = NonNullable<
  ReturnType<NonNullable<mqtt5.MessageReceivedEvent['acknowledgementControl']>['acquireHandle']>
>;

/**
 * Ends the client as soon as its connection is down. Who waits is let go after a while; the native half is not: a
 * message that still comes for a client without it brings the whole process down.
 */
function stop(client: mqtt5.Mqtt5Client): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, farewell);
    client.once('stopped', () => {
      clearTimeout(timer);
      client.close();
      setTimeout(resolve, teardown);
    });
    client.stop({ reasonCode: mqtt5.DisconnectReasonCode.NormalDisconnection });
  });
}

/** A quota is a matter of time, everything else that the cloud refuses is a matter of right. */
function refusal(code: number | undefined, message: string): Error {
  return code === mqtt5.PubackReasonCode.QuotaExceeded ? new Error(message) : new Denied(message);
}

function bytes(payload: mqtt5.Payload | undefined): Uint8Array {
  if (payload === undefined) return new Uint8Array();
  // aws-crt gives an empty payload as a detached buffer, of which no view can be made.
  if (payload instanceof ArrayBuffer && payload.byteLength === 0) return new Uint8Array();
  if (payload instanceof ArrayBuffer) return new Uint8Array(payload);
  if (ArrayBuffer.isView(payload)) return new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength);
  return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
}
