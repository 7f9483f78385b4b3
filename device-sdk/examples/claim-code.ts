/**
 * A vehicle that shows the code with which a person claims it, and says when it is used up. Its VIN has to be
 * registered before (`POST /v1/vehicles`).
 *
 *     npx tsx device-sdk/examples/claim-code.ts .local/cloud.json WVWZZZE1ZMP000042
 *
 * Then, as a person: `POST /v1/me/vehicles {"vin": …, "code": …}`. `--once` ends as soon as the code is shown.
 * `--azure=<vehicleId>` makes it one of the second cloud (see `factory-settings.ts`).
 */
import { Vehicle } from '#device-sdk/vehicle.ts';
import { factorySettings, goOnline, leave, say } from './factory-settings.ts';

const { options, once } = await factorySettings();
const vehicle = Vehicle.open(options);

await goOnline(vehicle);
const { code, expiresAt } = await vehicle.ownership.showCode();
say(`${vehicle.vehicleId} shows ${code} until ${new Date(expiresAt).toLocaleTimeString()}`);

if (once) {
  await leave(vehicle);
} else {
  vehicle.ownership.onCode((shown) => {
    if (shown !== undefined) return;
    say('The code was used, or its time is over.');
    void leave(vehicle);
  });
  process.once('SIGINT', () => void leave(vehicle));
}
