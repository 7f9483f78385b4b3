import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import { generate, parser } from 'mqtt-packet';
import type { CloudFile } from '#local/cloud-file.ts';
import { type LoadedVehicle, type LoadPlan, type LoadReport, readingsOfPath } from './telemetry-plan.ts';

const paths = [
  'Vehicle.Speed',
  'Vehicle.AngularVelocity.Yaw',
  'Vehicle.Cabin.HVAC.AmbientAirTemperature',
  'Vehicle.CurrentLocation.Latitude',
  'Vehicle.CurrentLocation.Longitude',
  'Vehicle.CurrentLocation.Altitude',
  'Vehicle.CurrentLocation.Heading',
  'Vehicle.Acceleration.Longitudinal',
  'Vehicle.Acceleration.Lateral',
  'Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed',
];
const tick = 20;

/** A hundred readings in one message, the last of them with the message's own number as its value. */
function message(sequence: number): string {
  const start = Date.now() - 900;
  const signals = paths.map((path, column) => {
    const readings = Array.from({ length: readingsOfPath }, (_, row) => [
      row * 100,
      path === 'Vehicle.Speed' ? sequence % 200 : ((sequence + column * 7 + row) % 80) + row / 10,
    ]);
    return [path, readings];
  });
  return JSON.stringify({ sequence, start, signals: Object.fromEntries(signals) });
}

async function line(cloud: CloudFile, vehicle: LoadedVehicle, heard: (accepted: boolean) => void): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port: cloud.mqtt.port,
    servername: 'localhost',
    ca: readFileSync(cloud.mqtt.caFile),
    cert: vehicle.certificatePem,
    key: vehicle.privateKeyPem,
  });
  await once(socket, 'secureConnect');
  socket.setNoDelay(true);
  const incoming = parser({ protocolVersion: 5 });
  const connected = new Promise<void>((resolve) => {
    incoming.on('packet', (packet) => {
      if (packet.cmd === 'connack') resolve();
      if (packet.cmd === 'puback') heard((packet.reasonCode ?? 0) < 0x80);
    });
  });
  socket.on('data', (chunk: Buffer) => void incoming.parse(chunk));
  const { vehicleId: clientId } = vehicle;
  socket.write(
    generate(
      { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, keepalive: 60, clientId },
      { protocolVersion: 5 },
    ),
  );
  await connected;
  return socket;
}

async function main(plan: LoadPlan): Promise<LoadReport> {
  const cloud: CloudFile = JSON.parse(readFileSync(plan.cloudFile, 'utf8'));
  let acknowledged = 0;
  let refused = 0;
  const heard = (accepted: boolean): void => {
    if (accepted) acknowledged += 1;
    else refused += 1;
  };
  const lines = await Promise.all(plan.vehicles.map((vehicle) => line(cloud, vehicle, heard)));
  const sequences = plan.vehicles.map(() => 0);
  const begun = performance.now();
  let sent = 0;
  const elapsed = (): number => (performance.now() - begun) / 1000;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.floor(Math.min(elapsed(), plan.seconds) * plan.rate);
      for (; sent < due; sent += 1) {
        const index = sent % lines.length;
        const sequence = (sequences[index] ?? 0) + 1;
        sequences[index] = sequence;
        const topic = plan.vehicles[index]?.topic ?? '';
        const packet = {
          cmd: 'publish',
          topic,
          payload: message(sequence),
          qos: 1,
          dup: false,
          retain: false,
        } as const;
        lines[index]?.write(generate({ ...packet, messageId: (sequence % 65_535) + 1 }, { protocolVersion: 5 }));
      }
      if (elapsed() >= plan.seconds && acknowledged + refused >= sent) {
        clearInterval(timer);
        resolve();
      }
    }, tick);
  });
  const report = { sent, acknowledged, refused, seconds: elapsed() };
  for (const socket of lines) socket.destroy();
  return report;
}

const [plan = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await main(JSON.parse(readFileSync(plan, 'utf8'))))}\n`);
