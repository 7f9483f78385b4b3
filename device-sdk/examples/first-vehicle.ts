/**
 * A vehicle's first day: it introduces itself, reports how fast it is, and locks its doors when told to.
 * Its VIN has to be registered before (`POST /v1/vehicles`).
 *
 *     npx tsx device-sdk/examples/first-vehicle.ts .local/cloud.json WVWZZZE1ZMP000042
 *
 * `--once` ends after the first report. `--azure=<vehicleId>` makes it one of the second cloud (see `factory-settings.ts`).
 */
import { Vehicle } from '#device-sdk/vehicle.ts';
import { factorySettings, goOnline, leave, say } from './factory-settings.ts';

const { options, once } = await factorySettings();
const vehicle = Vehicle.open({
  ...options,
  inventory: {
    softwareVersion: '1.0.0',
    ecus: [{ ecuId: 'gateway', hardwareId: 'gw-1', softwareVersion: '1.0.0', releaseCounter: 1 }],
  },
});

let locked = false;
vehicle.commands.handle('doors.lock', () => setLocked(true)).handle('doors.unlock', () => setLocked(false));
vehicle.onPresence(({ status }) => say(`${vehicle.vehicleId} is ${status}`));

await goOnline(vehicle);
report(0);
await vehicle.telemetry.flush();
say('the first report has arrived');

if (once) {
  await leave(vehicle);
} else {
  let speed = 0;
  const driving = setInterval(() => {
    speed = (speed + 7) % 120;
    report(speed);
  }, 2000);
  process.once('SIGINT', () => {
    clearInterval(driving);
    void leave(vehicle);
  });
}

function report(kilometresPerHour: number): void {
  vehicle.telemetry.record('Vehicle.Speed', kilometresPerHour);
  vehicle.telemetry.record('Vehicle.Cabin.Door.Row1.DriverSide.IsLocked', locked);
}

function setLocked(wanted: boolean): string {
  locked = wanted;
  report(0);
  return locked ? 'The doors are locked.' : 'The doors are unlocked.';
}
