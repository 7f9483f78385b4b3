import type { LocalCloud } from '#local/cloud.ts';

/** What the cloud metered of one vehicle's update: of all that its own reports led to, from its consent on. */
export interface MeteredUpdate {
  readonly asks: number;
  readonly signatures: number;
  readonly jobExecutions: number;
  readonly busEvents: number;
  /** Of updates, the Director's records and the registry. Counters are not in it: one write serves a whole batch. */
  readonly tableWrites: number;
}

export function meteredUpdate({ traces }: LocalCloud, vehicleId: string): MeteredUpdate {
  const reports = traces
    .find(vehicleId)
    .map(({ hops }) => [...hops].sort((one, other) => one.at - other.at))
    .filter(([first]) => /\/(updates|inventory)$/.test(first?.label ?? ''))
    .sort(([one], [other]) => (one?.at ?? 0) - (other?.at ?? 0));
  // The inventory that it told when it came was before its update.
  const first = reports.findIndex(([report]) => report?.label.endsWith('/updates'));
  const hops = [...new Map(reports.slice(first).flatMap((all) => all.map((hop) => [hop.id, hop]))).values()];
  const sum = (unit: 'jobExecutions' | 'busEvents' | 'writeUnits', label: RegExp) =>
    hops
      .filter((hop) => label.test(hop.label))
      .reduce((total, { units, shares }) => total + (units[unit] ?? 0) / shares, 0);
  return {
    asks: hops.filter(({ kind, label }) => kind === 'function' && label.endsWith('-director-asked')).length,
    signatures: hops.filter(({ label }) => label === 'kms:Sign').length,
    jobExecutions: sum('jobExecutions', /./),
    busEvents: sum('busEvents', /./),
    tableWrites: sum('writeUnits', /Data-(Updates|Registry)/),
  };
}
