/**
 * A shared car and a phone beside it, which need no network once the phone has its key. The body is simulated; in a
 * vehicle, `SharedBody` stands before the real one, and phone and car speak over Bluetooth or NFC.
 *
 *     npx tsx device-sdk/examples/shared-car.ts .local/cloud.json WVWZZZE1ZMP000042
 *
 * It says the phone's public key, with which a driver has a key issued for a reservation of this car; then type
 * `key <token>`, `start`, `pause`, `resume`, `end`, or what happens to the car, as `{"doorsClosed":false}`. `offline`
 * and `online` cut and mend its line. `--once` ends after saying the phone's key.
 * `--azure=<vehicleId>` makes it one of the second cloud (see `factory-settings.ts`).
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Phone } from '#device-sdk/sharing/phone.ts';
import { SimulatedSharedBody } from '#device-sdk/sharing/simulated-shared-body.ts';
import { Vehicle } from '#device-sdk/vehicle.ts';
import { keyActions } from '#shared/sharing/keys/key-token.ts';
import { factorySettings, goOnline, leave, say } from './factory-settings.ts';

const { options, once } = await factorySettings();
const body = new SimulatedSharedBody(join(options.directory, 'body'));
const phone = new Phone();
let vehicle = open();

await goOnline(vehicle);
say(`${vehicle.vehicleId} is online; the phone's key is ${phone.publicKey}`);

if (once) await leave(vehicle);
process.once('SIGINT', () => void leave(vehicle));

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await obey(line.trim());
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}
await leave(vehicle);

function open(): Vehicle {
  const opened = Vehicle.open({ ...options, sharing: { body } });
  opened.sharing?.onChange(() => {
    const { trip } = opened.sharing ?? {};
    say(trip === undefined ? 'no trip is on' : `${trip.state} under ${trip.reservationId}, fence ${trip.fence}`);
  });
  return opened;
}

async function obey(line: string): Promise<void> {
  const [word = '', rest = ''] = line.split(' ');
  const action = keyActions.find((each) => each === word);
  const { sharing } = vehicle;
  if (action !== undefined && sharing !== undefined) {
    say(JSON.stringify(await sharing.present(await phone.answer(action, sharing.challenge()))));
  } else if (word === 'key') {
    const { reservationId, expiresAt } = phone.keep(rest);
    say(`the key for ${reservationId} can start a trip until ${new Date(expiresAt).toLocaleTimeString()}`);
  } else if (word.startsWith('{')) {
    body.set(JSON.parse(line));
  } else if (word === 'offline') {
    // The memory stays, the line goes: as in a garage, after the control unit has started anew.
    await vehicle.close();
    vehicle = open();
  } else if (word === 'online') {
    await goOnline(vehicle);
  } else if (word !== '') {
    say('key <token>, start, pause, resume, end, offline, online, or {"speed":30}');
  }
}
