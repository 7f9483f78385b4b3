import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cloudAssembly, repository } from '#local/assembly.ts';
import { startCloud } from '#local/cloud.ts';
import { writeCloudFile } from '#local/cloud-file.ts';
import { freePorts } from '#local/options.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import type { HopRecord, TraceRecord } from '#local/trace/hop-record.ts';
import { shapeOf, shortName } from '#local/trace/names.ts';
import { timeline } from '#local/trace/timeline.ts';
import { published } from '../support/device.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { rawVehicle } from '../support/raw-vehicle.ts';

let home: JourneyCloud;

beforeAll(async () => {
  home = await openCloud({ trace: true });
}, startTimeout);
afterAll(() => home.close());

/** `rule fleetloom_dev_telemetry`, without what differs from vehicle to vehicle. */
function told({ kind, label }: HopRecord): string {
  return `${kind} ${shapeOf(shortName(label))}`;
}

/** The hops in the order of their beginnings. */
function way(trace: TraceRecord): readonly string[] {
  return trace.hops.map(told);
}

/** Waits until the newest trace of this id that has a first hop like this one shows the last one too. */
function traceOf(id: string, first: string, last: string): Promise<TraceRecord> {
  return eventually(
    `a trace from ${first} to ${last}`,
    async () => home.cloud.traces.find(id).find((trace) => way(trace)[0] === first && way(trace).includes(last)),
    (trace) => trace?.hops.every(({ outcome }) => outcome !== 'under way') === true,
  ).then((trace) => trace ?? expect.fail('no trace'));
}

function hopIn(trace: TraceRecord, what: string): HopRecord {
  return trace.hops.find((hop) => told(hop) === what) ?? expect.fail(`no hop "${what}" in ${way(trace).join(', ')}`);
}

/** A hop takes place while the message is under way, below one that began before it. */
function expectPlausible({ hops }: TraceRecord): void {
  const [first] = hops;
  for (const hop of hops) {
    expect(hop.at).toBeGreaterThanOrEqual(first?.at ?? 0);
    expect(hop.took).toBeLessThan(60_000_000);
    for (const parent of hops.filter(({ id }) => hop.parents.includes(id))) {
      expect(parent.at).toBeLessThanOrEqual(hop.at);
    }
  }
}

describe('a trace names every hop, in order, with its time and its units', () => {
  const seen: TraceRecord[] = [];

  test('of a report, from MQTT to where it can be read', async () => {
    const { client, identity, vehicleId } = await rawVehicle(home, 'WVWZZZAUZLW000701');
    const payload = JSON.stringify({ sequence: 1, start: Date.now() - 1000, signals: { 'Vehicle.Speed': [[0, 10]] } });
    expect(await published(client, identity.topics.telemetryTopic, payload)).toBe(0);
    const topic = 'topic $aws/rules/fleetloom_dev_telemetry/vehicles/*/telemetry';
    const whole = await traceOf(vehicleId, topic, 'table Telemetry:PutItem');
    expect(way(whole)).toEqual([
      topic,
      'rule fleetloom_dev_telemetry',
      'queue fleetloom-dev-telemetry',
      'queue fleetloom-dev-telemetry read',
      'function fleetloom-dev-telemetry-received',
      'table Telemetry:GetItem',
      'table Telemetry:BatchWriteItem',
      'table Telemetry:PutItem',
    ]);
    expectPlausible(whole);
    expect(hopIn(whole, topic).units).toEqual({}); // Basic Ingest costs no message
    expect(hopIn(whole, 'rule fleetloom_dev_telemetry').units).toEqual({ ruleTriggers: 1, ruleActions: 1 });
    expect(hopIn(whole, 'queue fleetloom-dev-telemetry').units).toEqual({ sqsRequests: 1 });
    expect(hopIn(whole, 'queue fleetloom-dev-telemetry read')).toMatchObject({ notes: ['batch of 1'], shares: 1 });
    expect(hopIn(whole, 'table Telemetry:BatchWriteItem').units).toEqual({ writeUnits: 1 });
    expect(hopIn(whole, 'table Telemetry:PutItem').units).toEqual({ writeUnits: 1 });
    expect(hopIn(whole, 'table Telemetry:GetItem').units.readUnits).toBeGreaterThan(0);
    const invoked = hopIn(whole, 'function fleetloom-dev-telemetry-received');
    expect(invoked.units.lambdaRequests).toBe(1);
    expect(invoked.units.lambdaGbSeconds).toBeGreaterThan(0);
    seen.push(whole);
  });

  test('of a registration, with what the change of the registry brings about', async () => {
    const vehicle = { vin: 'WVWZZZAUZLW000702', brand: 'volkswagen', model: 'Golf', market: 'DE' };
    const { headers, body } = await home.journey.operator.post('/v1/vehicles', vehicle);
    const requestId = headers.get('x-request-id') ?? expect.fail('the answer names no request');
    const event = 'event VehicleRegistered on fleetloom-dev-events';
    const trace = await traceOf(requestId, 'api POST /v1/vehicles', event);
    expectInOrder(way(trace), [
      'api POST /v1/vehicles',
      'function fleetloom-dev-api',
      'table Registry:TransactWriteItems',
      'stream Registry',
      'function fleetloom-dev-vehicle-changed',
      event,
    ]);
    expectPlausible(trace);
    expect(hopIn(trace, 'api POST /v1/vehicles')).toMatchObject({ outcome: '201', units: { apiRequests: 1 } });
    expect(hopIn(trace, 'table Registry:TransactWriteItems').units.writeUnits).toBeGreaterThan(1);
    expect(hopIn(trace, event).units).toEqual({ busEvents: 1 });
    // The same under the id of API Gateway, and under the vehicle's.
    for (const id of [headers.get('apigw-requestid'), at(body, 'vehicleId')]) {
      expect(home.cloud.traces.find(String(id)).map(({ traceId }) => traceId)).toContain(trace.traceId);
    }
    expect(JSON.stringify(trace)).not.toContain(vehicle.vin);
    seen.push(trace);
  });

  test('of a command, from the API to the vehicle and back', async () => {
    const vehicleId = await home.journey.registered(golf);
    home.journey.golf.commands.handle('doors.lock', async () => undefined);
    home.journey.golf.twin('climate').onDesired(async (desired) => desired);
    await home.journey.golf.connect();
    await home.journey.active(vehicleId);
    const path = `/v1/vehicles/${vehicleId}/commands`;
    const order = { name: 'doors.lock' };
    const { status, headers } = await home.journey.operator.post(path, order, { prefer: 'wait=20' });
    expect(status).toBe(200);
    const reply = 'reply $aws/rules/fleetloom_dev_replies/vehicles/*/replies';
    const first = 'api POST /v1/vehicles/*/commands';
    const trace = await traceOf(headers.get('x-request-id') ?? '', first, 'function fleetloom-dev-command-replied');
    expectInOrder(way(trace), [
      first,
      'function fleetloom-dev-api',
      'queue fleetloom-dev-command-expiry',
      'table Commands:PutItem',
      'topic vehicles/*/commands',
      'delivery vehicles/*/commands',
      reply,
      'rule fleetloom_dev_replies',
      'queue fleetloom-dev-command-replied (asynchronous)',
      'function fleetloom-dev-command-replied',
    ]);
    expectPlausible(trace);
    // The message, its delivery, and the vehicle's PUBACK.
    expect(hopIn(trace, 'topic vehicles/*/commands').units).toEqual({ iotMessages: 1 });
    expect(hopIn(trace, 'delivery vehicles/*/commands').units).toEqual({ iotMessages: 2 });
    expect(hopIn(trace, reply).parents).toEqual([hopIn(trace, 'delivery vehicles/*/commands').id]);
    seen.push(trace);
  });

  test('of a wish for a setting, until the vehicle reports it', async () => {
    const vehicleId = await home.journey.registered(golf);
    const path = `/v1/vehicles/${vehicleId}/twins/climate`;
    const { status, headers } = await home.journey.operator.patch(path, { desired: { targetTemperature: 21 } });
    expect(status).toBe(200);
    const first = 'api PATCH /v1/vehicles/*/twins/climate';
    const reply = 'reply $aws/things/*/shadow/name/climate/update';
    const trace = await traceOf(headers.get('x-request-id') ?? '', first, reply);
    expectInOrder(way(trace), [
      first,
      'function fleetloom-dev-api',
      'shadow update */climate',
      'delivery $aws/things/*/shadow/name/climate/update/delta',
      reply,
      'shadow update */climate',
    ]);
    expectPlausible(trace);
    expect(hopIn(trace, 'shadow update */climate').units).toEqual({ shadowOperations: 1 });
    seen.push(trace);
  });

  test('of the call that brought its own trace along, into the function and beyond', async () => {
    const root = '1-67404d20-5759e988bd862e3fe1be46a9';
    const { status } = await home.journey.operator.send('GET', '/v1/vehicles', {
      headers: { 'x-amzn-trace-id': `Root=${root};Parent=53995c3f42cd8ad8;Sampled=1` },
    });
    expect(status).toBe(200);
    const trace = await traceOf(root, 'api GET /v1/vehicles', 'table Registry:Query');
    expect(trace.hops.every(({ traces }) => traces.includes(root))).toBe(true);
  });

  test('and "npm run trace" shows it', async () => {
    writeCloudFile(home.stateDirectory, home.cloud.file);
    const [report] = seen;
    const vehicle = report?.hops[0]?.vehicles[0] ?? expect.fail('the report concerns no vehicle');
    const { code, out } = await traceCommand(report?.traceId ?? '', '--state', home.stateDirectory);
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}\S+ {2}1-[0-9a-f]{8}-[0-9a-f]{24} {2}\d+\.\d ms$/);
    expect(lines.slice(1, -1).map((line) => /^ +\d+\.\d +\d+\.\d {2}[ │├└]*(\w+) /.exec(line)?.[1])).toEqual(
      report?.hops.map(({ kind }) => kind),
    );
    expect(lines.at(-1)).toMatch(
      /^ +=( .*\d (triggers?|actions?|SQS|invocations?|GB-s|RU|WU),?)+; a million such: \d+\.\d\d USD$/,
    );
    const asJson = await traceCommand(vehicle, '--last', '2', '--json', '--state', home.stateDirectory);
    expect(
      asJson.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).startedAt),
    ).toHaveLength(2);
    const stranger = await traceCommand('veh-aaaaaaaaaaaaaaaaaaaa', '--state', home.stateDirectory);
    expect(stranger).toMatchObject({ code: 1, error: expect.stringContaining('npm start -- --trace') });
    const nowhere = await traceCommand('--state', `${home.stateDirectory}/none`);
    expect(nowhere).toMatchObject({ code: 1, error: expect.stringContaining('No cloud is running') });
    expect((await traceCommand('WVWZZZ1KZAW000001')).code).toBe(2);
  }, 60_000);

  test('and still does after a restart', async () => {
    expect(seen).toHaveLength(4);
    await home.journey.end();
    await home.cloud.close();
    const again = await startCloud({
      stateDirectory: home.stateDirectory,
      assemblyDirectory: await cloudAssembly(() => {}),
      ports: freePorts,
      log: () => {},
    });
    try {
      for (const { traceId, hops } of seen) {
        const [trace] = again.traces.find(traceId);
        expect(trace?.hops.slice(0, hops.length).map(told)).toEqual(hops.map(told));
        expect(timeline(trace ?? expect.fail('lost'))[0]).toContain(traceId);
      }
    } finally {
      await again.close();
    }
  });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** `npm run trace -- …` */
function traceCommand(...argv: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const main = join(repository, 'local', 'trace', 'main.ts');
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', main, ...argv],
      { cwd: repository },
      (_, out, error) => {
        resolve({ code: child.exitCode, out, error });
      },
    );
  });
}

/** The wanted ones stand there in this order, others between them. */
function expectInOrder(all: readonly string[], wanted: readonly string[]): void {
  let from = 0;
  for (const one of wanted) {
    const found = all.indexOf(one, from);
    expect(found, `"${one}" after ${all.slice(0, from).join(', ')} in ${all.join(', ')}`).toBeGreaterThanOrEqual(from);
    from = found + 1;
  }
}
