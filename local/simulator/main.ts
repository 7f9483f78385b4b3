/**
 * The simulated vehicles, as a process of their own: the plan comes as the first line of standard input,
 * events go out as JSON lines. It ends, vehicles first, on SIGTERM, on SIGINT and when its input closes,
 * which it does when the parent dies.
 *
 * @example node --import tsx local/simulator/main.ts < plan.json
 */
import { createInterface } from 'node:readline';
import { Fleet } from './fleet.ts';
import { planSchema, type SimulatorEvent } from './plan.ts';

function tell(event: SimulatorEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Milliseconds that the vehicles may take to say goodbye. */
const farewell = 4000;

let fleet: Fleet | undefined;
let stopping = false;

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(1), farewell).unref();
  await fleet?.close();
  tell({ type: 'stopped' });
  process.exit(0);
}

const input = createInterface({ input: process.stdin });
input.once('line', (line) => {
  fleet = new Fleet(planSchema.parse(JSON.parse(line)), tell);
  void fleet.start();
});
input.once('close', () => void stop());
// A parent that is gone reads no events; that is a reason to end, not to crash.
process.stdout.once('error', () => process.exit(1));
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
