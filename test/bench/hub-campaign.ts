import { type HubSize, hubAsDeviceCloud, hubPrice } from '#functions/adapters/azure-iot-hub/campaign-load.ts';
import { usualScenario } from '#shared/ota/simulation/scenario.ts';
import { simulated } from '#shared/ota/simulation/simulation.ts';
import { type Figure, rounded } from './figure.ts';

/** BENCH_VEHICLES tries it in small. */
const vehicles = Number(process.env['BENCH_VEHICLES'] ?? 900_000);
const bytes = 1e9;
/** So many messages a day an S1 hub of three units carries a million of. */
const sizes: readonly HubSize[] = [
  { sku: 'S1', units: 1 },
  { sku: 'S1', units: 3 },
  { sku: 'S2', units: 1 },
  { sku: 'S3', units: 10 },
];
const hoursAMonth = 730;
/** Each vehicle that is offered it takes 44 messages on average; the rest is for days that are busier. */
const messagesEach = 50;
/** Hours after which an order that the hub does not take is laid aside (`cdk/capabilities/homes.ts`). */
const patience = 4;

/**
 * The campaign of `simulation.ts` with all vehicles at one IoT hub that does nothing else: by the same decisions, within
 * the hub's throttles and its messages a day. The bytes cost the same anywhere and are not in these dollars.
 */
export async function hubCampaignFigures(): Promise<readonly Figure[]> {
  return sizes.flatMap((size) => {
    const deviceCloud = hubAsDeviceCloud(size);
    // Offers that the hub has no messages for would wait in the platform's queue, for weeks at the smallest.
    const perMinute = Math.floor(deviceCloud.messagesPerDay / messagesEach / 1440);
    const rollout = { rate: { kind: 'fixed' as const, perMinute }, waves: [] };
    const scenario = { ...usualScenario, vehicles, bytes, days: 240, deviceCloud, rollout };
    const { hours, messages, quotas, bill } = simulated(scenario);
    const name = `hub-${size.sku.toLowerCase()}x${size.units}-campaign`;
    const last = hours.mostInstalled ?? Number.NaN;
    const platform = bill
      .filter(({ service }) => !service.startsWith('CloudFront'))
      .reduce((sum, { usd }) => sum + usd, 0);
    const own = Object.keys(deviceCloud.quotas);
    const busiest = Object.entries(quotas)
      .filter(([resource]) => own.includes(resource))
      .map(([, { quota, busiestMinute }]) => (100 * busiestMinute) / (60 * quota));
    return [
      { name: `${name}-rate`, value: perMinute, unit: 'offers/min' },
      { name: `${name}-half`, value: rounded((hours.halfInstalled ?? Number.NaN) / 24), unit: 'days' },
      { name: `${name}-95-percent`, value: rounded(last / 24), unit: 'days' },
      { name: `${name}-messages`, value: rounded((messages?.total ?? 0) / 1e6), unit: 'million' },
      {
        name: `${name}-busiest-day`,
        value: rounded((100 * (messages?.busiestDay ?? 0)) / deviceCloud.messagesPerDay),
        unit: '% of its messages',
        limit: 100,
      },
      { name: `${name}-busiest-minute`, value: rounded(Math.max(...busiest)), unit: '% of a throttle', limit: 100 },
      {
        name: `${name}-longest-wait`,
        value: rounded((messages?.longestWait ?? 0) / 3600),
        unit: 'h',
        limit: patience,
      },
      { name: `${name}-hub-bill`, value: rounded((hubPrice(size) * last) / hoursAMonth), unit: 'USD' },
      { name: `${name}-platform-bill`, value: rounded(platform), unit: 'USD' },
    ];
  });
}
