import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isVehicleId, type VehicleId } from '#shared/registry/vehicle-id.ts';

/** Ports of one local cloud. 0 asks the system for a free one. */
export interface Ports {
  readonly aws: number;
  readonly mqtt: number;
  readonly api: number;
  readonly identity: number;
  readonly deviceHttps: number;
  readonly webSocket: number;
  readonly edge: number;
  readonly hubHttps: number;
  readonly hubMqtt: number;
  readonly hubAmqp: number;
  readonly feeds: number;
}

export interface StartOptions {
  readonly stateDirectory: string;
  readonly fresh: boolean;
  readonly ports: Ports;
  readonly vehicles: number;
  readonly replay: string | undefined;
  /** How long connections outlive the deactivation of their certificate, in ms. */
  readonly cutOffDelay: number;
  /** The least time between two connections of one client id, in s. */
  readonly connectPause: number;
  /** Executions a minute that an IoT job queues or cancels at most; infinite: as fast as it goes. */
  readonly jobRate: number;
  /** Tell each message's way: of all, or of one vehicle. */
  readonly trace: 'off' | 'all' | VehicleId;
}

const usualPorts: Ports = {
  aws: 4566,
  mqtt: 8883,
  api: 8080,
  identity: 8090,
  deviceHttps: 8443,
  webSocket: 8444,
  edge: 8445,
  hubHttps: 8446,
  hubMqtt: 8884,
  hubAmqp: 5671,
  feeds: 8447,
};
export const freePorts: Ports = {
  ...{ aws: 0, mqtt: 0, api: 0, identity: 0, deviceHttps: 0, webSocket: 0, edge: 0 },
  ...{ hubHttps: 0, hubMqtt: 0, hubAmqp: 0, feeds: 0 },
};

export const help = `Fleetloom: the synthesized cloud, on this machine

  npm start -- [options]

  --vehicles N     simulated vehicles that provision themselves, drive and obey, and a city with bikes to share
                   (default 20; 0 for neither)
  --replay FILE    one more vehicle that drives a recording (Kuksa CSV: field,signal,value,delay)
  --state DIR      where everything is kept (default .local)
  --fresh          wipe the state directory first
  --port-base N    listen on N (AWS), N+1 (MQTT), N+2 (API), N+3 (identity), N+4 (device HTTPS),
                   N+5 (MQTT over WebSocket), N+6 (downloads), N+7, N+8 and N+9 (HTTPS, MQTT and AMQP of the
                   IoT hub), N+10 (public feeds) instead of 4566, 8883, 8080, 8090, 8443, 8444, 8445, 8446, 8884,
                   5671 and 8447, so that two clouds run side by side
  --cut-off-delay N
                   seconds for which connections outlive the deactivation of their certificate (default 60;
                   minutes on AWS; suspending a vehicle through the API cuts it off at once all the same)
  --connect-pause N
                   seconds before a client id may connect again (default 0, so that tests may at once; 1 on AWS)
  --job-rate N     executions a minute that an IoT job reaches or cancels at most (default 1000, as on AWS; 0: all
                   at once)
  --trace[=VEHICLE]
                   tell each message's way hop by hop, with ms and what AWS would meter: of one vehicle, or of all,
                   where of those that begin alike one is told every ten seconds and the others are counted. Keeps
                   20,000 hops in memory and 8 MB on disk; "npm run trace -- ID" asks for them
  --help           this text

When everything listens and the vehicles are provisioned, DIR/cloud.json says where and with which keys.
Ctrl-C stops it; the next start goes on from where it was.
`;

/** A wrong command line: the message says what to write instead. */
export class UsageError extends Error {}

/** @throws UsageError naming the option and what it accepts */
export function parseStartOptions(argv: readonly string[], directory: string): StartOptions | 'help' {
  const values = parse(argv);
  if (values.help === true) return 'help';
  return {
    stateDirectory: resolve(directory, values.state ?? '.local'),
    fresh: values.fresh === true,
    ports: values['port-base'] === undefined ? usualPorts : portsFrom(values['port-base']),
    vehicles: wholeNumber('--vehicles', values.vehicles ?? '20', 0, 5_000),
    cutOffDelay: wholeNumber('--cut-off-delay', values['cut-off-delay'] ?? '60', 0, 86_400) * 1000,
    connectPause: wholeNumber('--connect-pause', values['connect-pause'] ?? '0', 0, 60),
    jobRate: wholeNumber('--job-rate', values['job-rate'] ?? '1000', 0, 1_000_000) || Number.POSITIVE_INFINITY,
    trace: traced(values.trace),
    replay: values.replay === undefined ? undefined : recording(resolve(directory, values.replay)),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      // Without a value it is for all.
      args: argv.map((argument) => (argument === '--trace' ? '--trace=all' : argument)),
      options: {
        'connect-pause': { type: 'string' },
        'cut-off-delay': { type: 'string' },
        fresh: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        'job-rate': { type: 'string' },
        'port-base': { type: 'string' },
        replay: { type: 'string' },
        state: { type: 'string' },
        trace: { type: 'string' },
        vehicles: { type: 'string' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(`${help}\n${cause instanceof Error ? cause.message : cause}`);
  }
}

function traced(text: string | undefined): StartOptions['trace'] {
  if (text === undefined) return 'off';
  if (text === 'all' || isVehicleId(text)) return text;
  throw new UsageError(`--trace takes a vehicle's id (--trace=veh-…), or nothing for all; "${text}" is neither.`);
}

function recording(file: string): string {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UsageError(`--replay takes a file with a recording; ${file} is none.`);
  }
  return file;
}

function portsFrom(text: string): Ports {
  const base = wholeNumber('--port-base', text, 1_024, 65_525);
  return {
    aws: base,
    mqtt: base + 1,
    api: base + 2,
    identity: base + 3,
    deviceHttps: base + 4,
    webSocket: base + 5,
    edge: base + 6,
    hubHttps: base + 7,
    hubMqtt: base + 8,
    hubAmqp: base + 9,
    feeds: base + 10,
  };
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}
