import type { EcuReport } from '#shared/vehicle-cloud/envelopes.ts';
import { type Host, type Log, reasonOf } from '../host.ts';
import type { Inventory } from '../inventory.ts';
import type { EcuInstaller, EcuState } from './ecu-installer.ts';
import { patiently } from './installation/patience.ts';
import type { UpdateRecord } from './update-memory.ts';

/** Milliseconds that a control unit may take to say what it runs. */
const patience = 10_000;

/** What each control unit says of itself; one that does not answer is not in it. */
export async function statesOf(
  ecus: ReadonlyMap<string, EcuInstaller>,
  host: Pick<Host, 'after'>,
  log: Log,
): Promise<Map<string, EcuState>> {
  const states = new Map<string, EcuState>();
  const outer = new AbortController().signal;
  for (const [ecuId, ecu] of ecus) {
    try {
      const what = `${ecuId}: inspect`;
      states.set(ecuId, await patiently((signal) => ecu.inspect(signal), { ms: patience, what, outer, host }));
    } catch (error) {
      log(reasonOf(error));
    }
  }
  return states;
}

/** What runs in them. */
export function reportsOf(states: ReadonlyMap<string, EcuState>): EcuReport[] {
  return [...states].flatMap(([ecuId, { hardwareId, running, slots }]) => {
    const runs = slots[running];
    if (runs.status === 'empty') return [];
    const { softwareVersion, releaseCounter } = runs.software;
    return [{ ecuId, hardwareId, softwareVersion, releaseCounter }];
  });
}

/**
 * The inventory with what the control units say of themselves. What an installation that is not at its end has changed
 * is told when the whole set is healthy.
 */
export function inventoryOnBoard(
  base: Inventory | undefined,
  states: ReadonlyMap<string, EcuState>,
  { softwareVersion, current, rxswins = base?.rxswins }: UpdateRecord,
): Inventory {
  const reports = new Map(reportsOf(states).map((report) => [report.ecuId, report]));
  for (const { ecuId, hardwareId, from } of current?.installation?.plan.ecus ?? []) {
    const { softwareVersion: version, releaseCounter } = from.software;
    reports.set(ecuId, { ecuId, hardwareId, softwareVersion: version, releaseCounter });
  }
  const others = (base?.ecus ?? []).filter(({ ecuId }) => !reports.has(ecuId));
  return {
    softwareVersion: softwareVersion ?? base?.softwareVersion ?? 'unknown',
    ecus: [...others, ...reports.values()],
    ...(rxswins !== undefined && { rxswins }),
  };
}
