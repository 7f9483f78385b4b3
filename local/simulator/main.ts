/**
 * The simulated vehicles, as a process of their own: the plan comes as the first line of standard input,
 * events go out as JSON lines. It ends, vehicles first, on SIGTERM, on SIGINT and when its input closes,
 * which it does when the parent dies.
 *
 * @example node --import tsx local/simulator/main.ts < plan.json
 */
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { DirectoryInUse } from '#device-sdk/directory-lock.ts';
import { carSocket } from './car.ts';
import { Fleet } from './fleet.ts';
import { type Plan, planSchema, type SimulatorEvent } from './plan.ts';
import { listen } from './remote-control.ts';

function tell(event: SimulatorEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Milliseconds that the vehicles may take to say goodbye. */
const farewell = 4000;

let fleet: Fleet | undefined;
let deafen = (): void => {};
let stopping = false;

/** A simulator whose cloud was killed may still be saying goodbye in the same directories. */
async function open(plan: Plan): Promise<Fleet> {
  for (const giveUp = performance.now() + 2 * farewell; ; ) {
    try {
      return await Fleet.open(plan, tell);
    } catch (error) {
      if (!(error instanceof DirectoryInUse) || performance.now() > giveUp) throw error;
      await setTimeout(100);
    }
  }
}

/** From within the directory: an absolute path may be longer than a socket's may be. */
async function hear(opened: Fleet, directory: string): Promise<void> {
  process.chdir(directory);
  try {
    deafen = await listen(carSocket, (request) => opened.asked(request));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    tell({ type: 'log', vin: '', line: `nobody can speak to the cars: ${reason}` });
  }
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  void setTimeout(farewell, undefined, { ref: false }).then(() => process.exit(1));
  deafen();
  await fleet?.close();
  tell({ type: 'stopped' });
  process.exit(0);
}

const input = createInterface({ input: process.stdin });
input.once('line', async (line) => {
  const plan = planSchema.parse(JSON.parse(line));
  const opened = await open(plan);
  if (stopping) return;
  fleet = opened;
  if (plan.controls !== undefined) await hear(opened, plan.controls);
  void fleet.start();
});
input.once('close', () => void stop());
// A parent that is gone reads no events; that is a reason to end, not to crash.
process.stdout.once('error', () => process.exit(1));
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
