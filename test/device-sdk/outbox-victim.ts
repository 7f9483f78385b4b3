/** Fills an outbox as fast as it can and says after each step what it was promised, until it is killed. */
import { writeSync } from 'node:fs';
import { Outbox } from '#device-sdk/outbox.ts';

const [directory = '', from = '0'] = process.argv.slice(2);
const outbox = new Outbox(directory, 16 * 1024 * 1024);
for (const { sequence } of outbox.unacknowledged()) writeSync(1, `pending ${sequence}\n`);
for (let count = Number(from); ; count += 1) {
  outbox.add({ path: 'Vehicle.TraveledDistance', at: 1_800_000_000_000 + count, value: count }, 'normal');
  writeSync(1, `kept ${count}\n`);
  const sealed = count % 50 === 0 ? outbox.seal() : undefined;
  if (sealed !== undefined) writeSync(1, `sealed ${sealed.sequence}\n`);
  if (sealed !== undefined && count % 100 === 0) {
    const values = Object.values(sealed.batch.signals)
      .flat()
      .map(([, value]) => value);
    writeSync(1, `sent ${values.join(',')}\n`);
    outbox.acknowledge(sealed.sequence);
  }
}
