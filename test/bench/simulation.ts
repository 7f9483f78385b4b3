import { usualScenario } from '#shared/ota/simulation/scenario.ts';
import { simulated } from '#shared/ota/simulation/simulation.ts';
import { type Figure, rounded } from './figure.ts';
import { proportionalSetSize } from './memory.ts';

const vehicles = 900_000;
const bytes = 1e9;

/** A whole campaign against the quotas and the price list: how long that takes, and what it says. */
export async function simulationFigures(): Promise<Figure[]> {
  const before = proportionalSetSize(process.pid);
  const began = performance.now();
  const { hours, usd, quotas } = simulated({ ...usualScenario, vehicles, bytes });
  const seconds = (performance.now() - began) / 1000;
  const memory = proportionalSetSize(process.pid) - before;
  const used = Object.values(quotas).map(({ quota, peak }) => (100 * peak) / quota);
  return [
    { name: 'simulated-campaign', value: rounded(seconds), unit: 's', limit: 60 },
    { name: 'simulated-campaign-memory', value: rounded(memory), unit: 'MB' },
    { name: 'simulated-half-installed', value: hours.halfInstalled ?? 0, unit: 'h' },
    { name: 'simulated-busiest-quota', value: rounded(Math.max(...used)), unit: '% of it' },
    { name: 'simulated-bill', value: usd, unit: 'USD' },
  ];
}
