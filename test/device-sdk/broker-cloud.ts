import { join } from 'node:path';
import type { AwsIotEndpoint } from '#device-sdk/transports/aws-iot.ts';
import { systemClock } from '#local/clock.ts';
import { noFaults } from '#local/faults/faults.ts';
import { openAuthority } from '#local/iot/authority/authority.ts';
import type { Allows } from '#local/iot/broker/authorizer.ts';
import { type Broker, startBroker } from '#local/iot/broker/broker.ts';
import { TestCloud, temporaryDirectory, type Wire } from './test-cloud.ts';

export interface BrokerCloud {
  readonly broker: Broker;
  readonly cloud: TestCloud<Wire>;
  readonly endpoint: Required<Pick<AwsIotEndpoint, 'host' | 'port' | 'caFile'>>;
  /** `client/<id>`, or an action and a resource: everything else is allowed. */
  readonly denied: Set<string>;
}

/** The test cloud behind the local cloud's real broker, with mutual TLS. */
export async function startBrokerCloud(): Promise<BrokerCloud> {
  const directory = temporaryDirectory();
  const authority = await openAuthority(join(directory, 'authority'));
  const denied = new Set<string>();
  const broker = await startBroker({
    port: 0,
    caPem: authority.caPem,
    server: authority.server,
    authorizer: {
      connect({ clientId }) {
        if (denied.has(`client/${clientId}`)) return { kind: 'refused', reason: 'denied' };
        const allows: Allows = (action, resource) => !denied.has(`${action} ${resource}`);
        return { kind: 'admitted', allows, thingName: undefined };
      },
    },
    clock: systemClock,
    faults: noFaults,
    log: () => {},
  });
  const wire: Wire = {
    serve(filter, service) {
      const pattern = new RegExp(`^${filter.replaceAll('$', '\\$').replaceAll('+', '[^/]+')}$`);
      broker.reserve({
        handles: (topic) => pattern.test(topic),
        handle: ({ topic, payload }, connection) =>
          service(topic, payload.toString('utf8'), connection?.clientId ?? ''),
      });
    },
    sendTo(clientId, topic, payload) {
      const connection = broker.connections().find((one) => one.clientId === clientId);
      if (connection !== undefined) broker.sendTo(connection, topic, payload);
    },
    publish: (topic, payload) => void broker.publish(topic, payload, { qos: 1 }),
  };
  const cloud = new TestCloud(authority, directory, wire, await authority.createKeysAndCertificate());
  return { broker, cloud, denied, endpoint: { host: 'localhost', port: broker.port, caFile: authority.caFile } };
}
