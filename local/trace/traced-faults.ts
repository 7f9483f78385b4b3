import type { Fate, Faults } from '#local/faults/faults.ts';
import { noted } from './context.ts';

/** The faults of the cloud, of which a hop that they disturb keeps a note. */
export function tracedFaults(faults: Faults): Faults {
  return {
    at(hop, label) {
      const fate = faults.at(hop, label);
      if (!(fate instanceof Promise)) return remarked(fate);
      noted('delayed by a fault');
      return fate.then(remarked);
    },
    failing(hop, label, entries) {
      const failing = faults.failing?.(hop, label, entries) ?? new Set();
      if (failing.size > 0) noted(`${failing.size} of ${entries.length} failed by a fault`);
      return failing;
    },
  };
}

function remarked(fate: Fate): Fate {
  if (fate.kind === 'deliver') return fate;
  const said: Readonly<Record<string, string>> = {
    drop: 'dropped',
    duplicate: 'duplicated',
    fail: 'failed',
    hang: 'left hanging',
  };
  noted(`${said[fate.kind] ?? fate.kind} by a fault`);
  return fate;
}
