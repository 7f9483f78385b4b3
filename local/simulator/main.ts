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
import { Fleet } from './fleet.ts';
import { type Plan, planSchema, type SimulatorEvent } from './plan.ts';

function tell(event: SimulatorEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Milliseconds that the vehicles may take to say goodbye. */
const farewell = 4000;

let fleet: Fleet | undefined;
let stopping = false;

/** A simulator whose cloud was killed may still be saying goodbye in the same directories. */
async function open(plan: Plan): Promise<Fleet> {
  for (const giveUp = performance.now() + 2 * farewell; ; ) {
    try {
      return new Fleet(plan, tell);
    } catch (error) {
      if (!(error instanceof DirectoryInUse) || performance.now() > giveUp) throw error;
      await setTimeout(100);
    }
  }
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  void setTimeout(farewell, undefined, { ref: false }).then(() => process.exit(1));
  await fleet?.close();
  tell({ type: 'stopped' });
  process.exit(0);
}

const input = createInterface({ input: process.stdin });
input.once('line', async (line) => {
  const opened = await open(planSchema.parse(JSON.parse(line)));
  if (stopping) return;
  fleet = opened;
  void fleet.start();
});
input.once('close', () => void stop());
// A parent that is gone reads no events; that is a reason to end, not to crash.
process.stdout.once('error', () => process.exit(1));
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
