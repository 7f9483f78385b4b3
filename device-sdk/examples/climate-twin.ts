/**
 * A cabin that becomes as warm as the cloud desires, within what it can: the twin `climate` holds
 * `{ "targetTemperature": 21 }`, and what was set is reported, also after a night without network.
 *
 *     npx tsx device-sdk/examples/climate-twin.ts .local/cloud.json WVWZZZE1ZMP000042
 *
 * `--once` ends after the first report. `--azure=<vehicleId>` makes it one of the second cloud (see `factory-settings.ts`).
 */
import { Vehicle } from '#device-sdk/vehicle.ts';
import { factorySettings, goOnline, leave, say } from './factory-settings.ts';

const coolest = 16;
const warmest = 28;

const { options, once } = await factorySettings();
const vehicle = Vehicle.open(options);
const climate = vehicle.twin('climate').onDesired(({ targetTemperature }) => {
  if (typeof targetTemperature !== 'number') return undefined;
  const set = Math.min(Math.max(targetTemperature, coolest), warmest);
  say(`desired are ${targetTemperature} °C, set are ${set} °C`);
  return { targetTemperature: set };
});

await goOnline(vehicle);
await climate.report({ bounds: { coolest, warmest } });
say('the bounds are reported');

if (once) await leave(vehicle);
else process.once('SIGINT', () => void leave(vehicle));
