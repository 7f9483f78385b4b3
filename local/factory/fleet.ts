import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { repository } from '#local/assembly.ts';
import { localHome } from '#local/azure/local-home.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import type { Plan, SimulatorEvent } from '#local/simulator/plan.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { fleetPlan, type PlannedVehicle, recordedVehicle } from './fleet-plan.ts';

export interface FleetOptions {
  readonly stateDirectory: string;
  readonly vehicles: number;
  readonly replay: string | undefined;
  /** Takes the vehicles off the road, also when they are not all there yet. */
  readonly signal: AbortSignal;
}

/** Simulated vehicles that are on the road. */
export interface RunningFleet {
  stop(): Promise<void>;
}

/**
 * Registers the vehicles as the factory would, through the API, and starts them in a process of their own.
 * Resolves when each is provisioned and online.
 *
 * @throws Error that names the first vehicle that could not be registered or did not get online
 */
export async function startFleet(
  cloud: CloudFile,
  { stateDirectory, vehicles, replay, signal }: FleetOptions,
  { say, log }: { readonly say: (line: string) => void; readonly log: (line: string) => void },
): Promise<RunningFleet> {
  const planned = fleetPlan(vehicles);
  const recorded = replay === undefined ? [] : [recordedVehicle];
  if (planned.length + recorded.length === 0) return { stop: async () => {} };
  say(`${planned.length + recorded.length} vehicles are registered, provision themselves and connect …`);
  const known = await register(cloud, [...planned, ...recorded], signal);
  const simulator = spawn(process.execPath, ['--import', 'tsx', join(repository, 'local', 'simulator', 'main.ts')], {
    cwd: repository,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const plan: Plan = {
    cloud,
    directory: join(stateDirectory, 'vehicles'),
    controls: stateDirectory,
    // `fleetloom repository create` puts them there, at once or later.
    updates: { rootsFile: join(stateDirectory, 'uptane-roots.json') },
    vehicles: [
      ...planned,
      ...recorded.flatMap((vehicle) => (replay === undefined ? [] : [{ ...vehicle, replay: { file: replay } }])),
    ]
      .filter(({ vin }) => known.get(vin)?.status !== 'retired')
      .map((vehicle) => ({ ...vehicle, awaited: known.get(vehicle.vin)?.status !== 'suspended' }))
      .map((vehicle) =>
        isElsewhere(vehicle, cloud) ? { ...vehicle, vehicleId: known.get(vehicle.vin)?.vehicleId } : vehicle,
      ),
  };
  simulator.stdin.write(`${JSON.stringify(plan)}\n`);
  const tell = (event: SimulatorEvent) => {
    const driver = event.type === 'online' && recorded.some(({ vin }) => vin === event.vin);
    const news = driver ? `${event.vehicleId} drives the recording ${replay}` : spoken(event);
    if (news !== undefined) say(news);
    else log(`simulator: ${JSON.stringify(event)}`);
  };
  signal.addEventListener('abort', () => void stopped(simulator));
  try {
    await everyVehicleOnline(simulator, tell);
  } catch (error) {
    await stopped(simulator);
    throw error;
  }
  simulator.once('exit', (code, reason) => {
    if (!signal.aborted) say(`The simulator ended (${reason ?? code}): nobody drives any more, until the next start.`);
  });
  return { stop: () => stopped(simulator) };
}

const registered = z.object({ vehicleId: z.string(), status: z.string() });
type Registered = z.infer<typeof registered>;

/** Whether the vehicle is at home in the second device cloud. */
function isElsewhere({ brand }: PlannedVehicle, { azure }: CloudFile): boolean {
  return azure !== undefined && localHome.brands.some((theirs) => theirs === brand);
}

/** Four at a time, so that a cold start is not paid for each vehicle. Gives what the registry says of each vehicle, by VIN. */
async function register(
  cloud: CloudFile,
  vehicles: readonly PlannedVehicle[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Registered>> {
  const operator = new ApiClient(cloud, 'operator');
  const waiting = [...vehicles];
  const known = new Map<string, Registered>();
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      signal.throwIfAborted();
      const { status, body } = await operator.post('/v1/vehicles', next);
      if (status !== 200 && status !== 201) {
        throw new Error(`The API did not register a ${next.model}: ${status} ${JSON.stringify(body)}`);
      }
      known.set(next.vin, registered.parse(body));
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return known;
}

async function everyVehicleOnline(simulator: ChildProcess, tell: (event: SimulatorEvent) => void): Promise<void> {
  if (simulator.stdout === null) throw new Error('The simulator has no output.');
  const lines = createInterface({ input: simulator.stdout });
  await new Promise<void>((resolve, reject) => {
    let firstFailure = '';
    simulator.once('exit', (code) => reject(new Error(`The simulator ended with code ${code}. ${firstFailure}`)));
    lines.on('line', (line) => {
      const event: SimulatorEvent = JSON.parse(line);
      if (event.type === 'failed') firstFailure ||= event.reason;
      if (event.type === 'ready') {
        if (event.failed === 0) resolve();
        else reject(new Error(`${event.failed} simulated vehicles did not get online. The first: ${firstFailure}`));
      }
      tell(event);
    });
  });
}

/** What a person at the terminal wants to know of it. */
function spoken(event: SimulatorEvent): string | undefined {
  switch (event.type) {
    case 'away':
      return `${event.vehicleId} is not let in; it goes on trying`;
    case 'failed':
      return `A vehicle is not online: ${event.reason}`;
    case 'skipped':
      return `Recording, line ${event.line}: ${event.signal} skipped: ${event.reason}`;
    case 'replayed':
      return `The recording is over: ${event.readings} readings, ${event.skipped} skipped.`;
    case 'log':
    case 'provisioned':
    case 'online':
    case 'ready':
    case 'stopped':
      return undefined;
  }
}

async function stopped(simulator: ChildProcess): Promise<void> {
  if (simulator.exitCode !== null || simulator.signalCode !== null) return;
  const gone = once(simulator, 'exit');
  simulator.stdin?.end();
  const hard = setTimeout(() => simulator.kill('SIGKILL'), 6_000);
  await gone;
  clearTimeout(hard);
}
