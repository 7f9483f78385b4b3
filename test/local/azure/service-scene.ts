import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NoRetry } from 'azure-iot-common';
import iothub from 'azure-iothub';
import type { DeviceLine } from '#local/azure/hub/device-line.ts';
import { LocalIotHub, type LocalIotHubOptions } from '#local/azure/hub/hub.ts';
import type { VerifyBearer } from '#local/azure/rest/authorization.ts';
import { listenForServices } from '#local/azure/rest/rest-server.ts';
import { ServiceApi } from '#local/azure/rest/service-api.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { openAuthority } from '#local/iot/authority/authority.ts';
import { State } from '#local/state/collection.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const hostName = 'fleetloom-test.azure-devices.net';

export type ServiceScene = Awaited<ReturnType<typeof openServiceScene>>;

/** A hub and its REST API over TLS on loopback, for the unmodified SDK. */
export async function openServiceScene(options: Partial<LocalIotHubOptions> & { verifyBearer?: VerifyBearer } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-hub-'));
  const [state, clock] = [new State(directory), new ManualClock()];
  const faults = new PlannedFaults(clock);
  const hub = new LocalIotHub({ hostName, state, clock, faults, log: () => {}, ...options });
  const authority = await openAuthority(join(directory, 'authority'));
  const api = new ServiceApi({ hub, verifyBearer: options.verifyBearer });
  const failed: string[] = [];
  const server = await listenForServices({ port: 0, server: authority.server, api, log: (line) => failed.push(line) });
  const agent = new Agent({
    keepAlive: true,
    host: '127.0.0.1',
    port: server.port,
    ca: authority.caPem,
    servername: hostName,
  });
  const connectionString = (policy = 'iothubowner') => hub.policies.connectionString(policy);
  const close = async () => {
    agent.destroy();
    await server.close();
    hub.close();
    state.close();
    rmSync(directory, { recursive: true, force: true });
  };
  const registry = (text = connectionString()) => pointed(iothub.Registry.fromConnectionString(text), agent);
  const client = (text = connectionString()) => {
    const made = pointed(iothub.Client.fromConnectionString(text), agent);
    made.setRetryPolicy(new NoRetry());
    return made;
  };
  const jobs = (text = connectionString()) => pointed(iothub.JobClient.fromConnectionString(text), agent);
  return {
    hub,
    clock,
    faults,
    state,
    failed,
    authority,
    agent,
    port: server.port,
    connectionString,
    registry,
    client,
    jobs,
    close,
  };
}

/** The SDK has no option for another address; its HTTP client takes an agent. */
export function pointed<T extends object>(sdk: T, agent: Agent): T {
  const rest: unknown = Reflect.get(sdk, '_restApiClient');
  if (typeof rest !== 'object' || rest === null) throw new Error('The SDK has no REST client.');
  const setOptions: unknown = Reflect.get(rest, 'setOptions');
  if (typeof setOptions !== 'function') throw new Error('The REST client of the SDK takes no options.');
  setOptions.call(rest, { http: { agent } });
  return sdk;
}

/** A device at the hub's inner edge, where a protocol would be. */
export function attached({ hub }: Pick<ServiceScene, 'hub'>, deviceId: string, more: Partial<DeviceLine> = {}) {
  const desired: { patch: object; version: number }[] = [];
  const closed: string[] = [];
  const line: DeviceLine = {
    connectionId: `line-${deviceId}`,
    desired: (patch, version) => void desired.push({ patch, version }),
    method: () => {},
    devicebound: () => {},
    close: (reason) => void closed.push(reason),
    ...more,
  };
  hub.lines.attach(deviceId, line);
  return { line, desired, closed };
}
