/**
 * A vehicle that takes software updates: it asks its driver, and does the rest by itself. Its two control units are
 * simulated; in a vehicle, `EcuInstaller` and `VehicleBody` stand before the real ones.
 *
 *     npx tsx device-sdk/examples/software-update.ts .local/cloud.json WVWZZZE1ZMP000042
 *
 * Beside `cloud.json` lies `uptane-roots.json`, `{ "director": …, "images": … }`: the first Root of both repositories,
 * as the factory puts them into a vehicle. `--once` ends after saying what runs on board.
 * `--azure=<vehicleId>` makes it one of the second cloud (see `factory-settings.ts`).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SimulatedCar } from '#device-sdk/ota/simulated/simulated-car.ts';
import { uptane } from '#device-sdk/ota/uptane-verification.ts';
import { Vehicle } from '#device-sdk/vehicle.ts';
import { factorySettings, goOnline, leave, say } from './factory-settings.ts';

const { options, once } = await factorySettings();
const car = new SimulatedCar(join(options.directory, 'control-units'), [
  { ecuId: 'engine', hardwareId: 'engine-1', softwareVersion: '1.0.0', releaseCounter: 1 },
  { ecuId: 'infotainment', hardwareId: 'infotainment-1', softwareVersion: '1.0.0', releaseCounter: 1 },
]);
const roots = async () => JSON.parse(await readFile(join(options.directory, '../../uptane-roots.json'), 'utf8'));

const vehicle = Vehicle.open({
  ...options,
  inventory: { softwareVersion: '1.0.0', ecus: [] },
  updates: { ecus: car.ecus, body: car.body, verification: uptane({ roots, primary: 'infotainment' }) },
});

vehicle.updates
  ?.onOffer((offer) => {
    if (offer === undefined) return;
    const { title, notes, unavailable } = offer.texts['en'] ?? { title: offer.releaseId, notes: '', unavailable: '' };
    say(`${title}: ${notes} It takes ${offer.minutes} minutes. ${unavailable}`);
    // This driver always says yes; others have `tonight()`, `decline()` and `mute()`.
    vehicle.updates?.accept();
  })
  .onProgress(({ phase, percent, waitsFor = [] }) => say(`${phase} ${percent} % ${waitsFor.join(', ')}`))
  .onResult((result) => {
    say(result.outcome === 'installed' ? `${result.softwareVersion} runs` : `${result.error}: ${result.detail}`);
  });

await goOnline(vehicle);
say(await onBoard());

if (once) await leave(vehicle);
else process.once('SIGINT', () => void leave(vehicle));

async function onBoard(): Promise<string> {
  const versions: string[] = [];
  for (const ecu of car.ecus) {
    const { slots, running } = await ecu.inspect();
    const holds = slots[running];
    if (holds.status !== 'empty') versions.push(`${ecu.ecuId} ${holds.software.softwareVersion}`);
  }
  return versions.join(', ');
}
