import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type HubSku, hubAsDeviceCloud, hubPrice } from '#functions/adapters/azure-iot-hub/campaign-load.ts';
import { drive, readingsOf, startOf } from '#local/simulator/drive.ts';
import type { Figure } from './figure.ts';
import { HubDay } from './hub-day.ts';

const minutes = 60;
/** Seconds between two readings of everything that the simulated vehicle knows of itself. */
const interval = 10;
const commands = ['doors.lock', 'doors.unlock'];
const fleet = 900_000;

/**
 * A day at an IoT hub: connected, driving for one hour with a telemetry message a minute, two commands, one wish in the
 * twin. The vehicle is the device SDK's, the platform its own adapter; the hub counts. Hours in which nothing is said
 * are not sat through: keep-alives cost nothing.
 */
export async function hubReferenceDayFigures(): Promise<readonly Figure[]> {
  const day = await HubDay.open();
  try {
    await oneDay(day);
    const { telemetry = 0, methodRequest = 0, methodResponse = 0, ...others } = day.messages;
    const replies = day.sizes('replies').length;
    const twin = Object.values(others).reduce((sum, count) => sum + count, 0);
    const total = telemetry + methodRequest + methodResponse + twin;
    return [
      { name: 'hub-day-telemetry', value: telemetry - replies, unit: 'messages', limit: minutes },
      { name: 'hub-day-telemetry-size', value: Math.max(...day.sizes('telemetry')), unit: 'bytes' },
      { name: 'hub-day-commands', value: methodRequest + methodResponse + replies, unit: 'messages' },
      { name: 'hub-day-twin', value: twin, unit: 'messages' },
      { name: 'hub-day', value: total, unit: 'messages' },
      ...(['S1', 'S2', 'S3'] as const).flatMap((sku) => priceOf(sku, total)),
    ];
  } finally {
    await day.close();
  }
}

/** As the fleet fills whole units, and in a hub's unit that is full. */
function priceOf(sku: HubSku, messages: number): readonly Figure[] {
  const unit = { sku, units: 1 };
  const vehicles = Math.floor(hubAsDeviceCloud(unit).messagesPerDay / messages);
  const units = Math.ceil(fleet / vehicles);
  const name = `hub-day-${sku.toLowerCase()}`;
  return [
    { name: `${name}-vehicles-a-unit`, value: vehicles, unit: 'vehicles' },
    { name: `${name}-units-for-900000`, value: units, unit: 'units' },
    { name: `${name}-price`, value: Number((hubPrice({ sku, units }) / fleet).toFixed(6)), unit: 'USD/car/month' },
  ];
}

async function oneDay(day: HubDay): Promise<void> {
  const { vehicle, vehicleId, platform } = day;
  const { twins, messages } = platform.vehiclesOf(0);
  for (const name of commands) vehicle.commands.handle(name, () => 'Done.');
  vehicle.twin('climate').onDesired((desired) => desired);
  await vehicle.connect();

  const begins = vehicle.now();
  let state = startOf('WAUZZZ00000000001');
  for (let minute = 0; minute < minutes; minute += 1) {
    for (let second = 0; second < 60; second += interval) {
      state = drive(state, interval);
      const at = begins + (60 * minute + second) * 1000;
      for (const [path, value] of Object.entries(readingsOf(state))) vehicle.telemetry.record(path, value, { at });
    }
    await vehicle.telemetry.flush();
  }
  for (const name of commands) {
    const now = Date.now();
    const request = { commandId: randomUUID(), name, parameters: {}, issuedAt: now, expiresAt: now + 30_000 };
    const { commandId: messageId, expiresAt } = request;
    await messages.send(
      vehicleId,
      { channel: 'commands', payload: request, expiresAt, mode: 'queued', messageId },
      now,
    );
  }
  await twins.patchDesired(vehicleId, 'climate', { targetTemperature: 21 });
  // As the API answers with what it is now.
  await twins.load(vehicleId, 'climate');
  await until(() => day.sizes('replies').length === commands.length && 'climate' in Object(day.reported));
}

async function until(reached: () => boolean): Promise<void> {
  for (let left = 600; !reached(); left -= 1) {
    if (left === 0) throw new Error('The vehicle has not answered within a minute.');
    await pause(100);
  }
}
