import { parseArgs } from 'node:util';
import { bookingFigures } from './booking.ts';
import { bookingCrowdFigures } from './booking-crowd.ts';
import { bundles } from './bundles.ts';
import { campaignFigures } from './campaign.ts';
import { chargesFigures } from './charges.ts';
import { cloudFigures } from './cloud-figures.ts';
import { combinedSearchFigures } from './combined-search.ts';
import { deviceCloudFigures } from './device-clouds.ts';
import { digitalKeyFigures } from './digital-key.ts';
import { downloadFigures } from './download.ts';
import { feedsFigures } from './feeds.ts';
import { type Figure, kept, promiseOf } from './figure.ts';
import { fleetFigures } from './fleet.ts';
import { hubCampaignFigures } from './hub-campaign.ts';
import { hubReferenceDayFigures } from './hub-reference-day.ts';
import { importFigures } from './import.ts';
import { machine } from './machine.ts';
import { sharingSearchFigures } from './sharing-search.ts';
import { simulationFigures } from './simulation.ts';
import { telemetryFigures } from './telemetry.ts';
import { tripFigures } from './trip.ts';
import { webhookFigures } from './webhooks.ts';

/** What can be measured alone: `npm run bench -- telemetry`. */
const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  cloud: cloudFigures,
  'device-clouds': deviceCloudFigures,
  telemetry: telemetryFigures,
  fleet: fleetFigures,
  import: importFigures,
  simulation: simulationFigures,
  'hub-campaign': hubCampaignFigures,
  'hub-day': hubReferenceDayFigures,
  download: downloadFigures,
  campaign: campaignFigures,
  booking: bookingFigures,
  'digital-key': digitalKeyFigures,
  'sharing-search': sharingSearchFigures,
  'combined-search': combinedSearchFigures,
  feeds: feedsFigures,
  trip: tripFigures,
  webhooks: webhookFigures,
  bundles,
};

/** What takes too long for every day: with `--long` alone. */
const longBenches: typeof benches = { charges: chargesFigures, 'booking-crowd': bookingCrowdFigures };

const help = `npm run bench -- [--json] [--long] [${Object.keys({ ...benches, ...longBenches }).join(' | ')}]…

Measures what the README and the issues promise, on this machine, now. Without a name: everything.
With --long also what takes half an hour and more: ${Object.keys(longBenches).join(', ')}.
`;

async function bench(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { long: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const offered = values.long === true ? { ...benches, ...longBenches } : benches;
  const unknown = positionals.filter((name) => !Object.hasOwn(offered, name));
  if (values.help === true || unknown.length > 0) {
    process.stdout.write(`${unknown.map((name) => `There is no bench "${name}".\n`).join('')}${help}`);
    process.exitCode = unknown.length > 0 ? 2 : 0;
    return;
  }
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(offered)) {
    if (positionals.length === 0 || positionals.includes(name)) figures.push(...(await measure()));
  }
  if (values.json === true) {
    const entries = figures.map(({ name, value, unit }) => [name, { value, unit }]);
    process.stdout.write(`${JSON.stringify(Object.fromEntries(entries))}\n`);
  } else process.stdout.write(table(figures));
}

function table(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  const rows = figures.map((figure) => {
    const { name, value, unit } = figure;
    return `  ${name.padEnd(width)}  ${String(value).padStart(9)} ${unit.padEnd(12)}${promiseOf(figure)}${kept(figure) ? '' : '  NOT KEPT'}`;
  });
  return `\n${machine()}\n\n${rows.join('\n')}\n\n`;
}

bench()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  })
  // aws-crt keeps a process alive whose vehicles were closed.
  .finally(() => process.exit());
