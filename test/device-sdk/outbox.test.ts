import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Outbox, type Priority, type SealedBatch } from '#device-sdk/outbox.ts';
import { maxBatchSpan, meteringUnit } from '#shared/vehicle-cloud/envelopes.ts';
import { temporaryDirectory } from './test-cloud.ts';

const plenty = 16 * 1024 * 1024;
const began = 1_800_000_000_000;
const path = 'Vehicle.TraveledDistance';

function reading(value: number, at = began + value) {
  return { path, at, value };
}

function valuesOf(sealed: SealedBatch | undefined): unknown[] {
  return Object.values(sealed?.batch.signals ?? {}).flatMap((readings) => readings.map(([, value]) => value));
}

function drain(outbox: Outbox): unknown[] {
  const values = outbox.unacknowledged().flatMap(valuesOf);
  for (let sealed = outbox.seal(); sealed !== undefined; sealed = outbox.seal()) values.push(...valuesOf(sealed));
  return values;
}

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

test('an outbox that cannot be tidied up takes readings none the less, and loses none that it counts as kept', () => {
  const directory = temporaryDirectory();
  const maxBytes = 128 * 1024;
  const outbox = new Outbox(directory, maxBytes);
  const blocker = join(directory, 'outbox.log.new');
  mkdirSync(blocker);
  for (let value = 0; value < 2500; value += 1) outbox.add(reading(value), 'normal');
  const { normal } = outbox.dropped;
  expect(normal).toBeGreaterThan(0);
  rmdirSync(blocker);
  outbox.close();
  const next = new Outbox(directory, maxBytes);
  expect(drain(next)).toEqual(Array.from({ length: 2500 - normal }, (_, index) => normal + index));
  expect(bytesIn(directory)).toBeLessThanOrEqual(maxBytes);
  next.close();
});

describe('a message', () => {
  test('fills a metering unit and does not pass it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            path: fc.constantFrom(
              'Vehicle.Speed',
              'Vehicle.TraveledDistance',
              'Vehicle.Cabin.Door.Row1.DriverSide.IsLocked',
              'Vehicle.ä',
            ),
            at: fc.integer({ min: began, max: began + 2 * maxBatchSpan }),
            value: fc.oneof(
              fc.double({ noNaN: true, noDefaultInfinity: true }),
              fc.boolean(),
              fc.string({ unit: 'grapheme', maxLength: 80 }),
            ),
          }),
          { minLength: 400, maxLength: 600 },
        ),
        (readings) => {
          const outbox = new Outbox(temporaryDirectory(), plenty);
          for (const one of readings) outbox.add(one, 'normal');
          const seen: number[] = [];
          for (let sealed = outbox.seal(); sealed !== undefined; sealed = outbox.seal()) {
            expect(Buffer.byteLength(JSON.stringify(sealed.batch))).toBeLessThanOrEqual(meteringUnit);
            const offsets = Object.values(sealed.batch.signals).flatMap((column) => column.map(([offset]) => offset));
            expect(Math.min(...offsets)).toBe(0);
            expect(Math.max(...offsets)).toBeLessThanOrEqual(maxBatchSpan);
            seen.push(offsets.length);
          }
          expect(seen.reduce((sum, count) => sum + count, 0)).toBe(readings.length);
          outbox.close();
        },
      ),
      { numRuns: 15 },
    );
  });

  test('is as short as the cloud wants it, but for a reading that alone is longer', () => {
    let limit = 250;
    const outbox = new Outbox(temporaryDirectory(), plenty, () => limit);
    for (let value = 0; value < 100; value += 1) outbox.add(reading(value), 'normal');
    outbox.add({ ...reading(0), value: 'x'.repeat(700) }, 'high');
    const lengths = [];
    for (let sealed = outbox.seal(); sealed !== undefined; sealed = outbox.seal()) {
      lengths.push(Buffer.byteLength(JSON.stringify(sealed.batch)));
    }
    const [long = 0, ...others] = lengths;
    expect(long).toBeGreaterThan(700);
    expect(others.length).toBeGreaterThan(3);
    expect(Math.max(...others)).toBeLessThanOrEqual(limit);
    expect(outbox.unacknowledged()).toHaveLength(lengths.length);
    // What is sealed keeps its readings in a cloud that wants less at once.
    const sealed = outbox.unacknowledged();
    limit = 100;
    expect(outbox.unacknowledged()).toEqual(sealed);
    expect(sealed.flatMap(({ batch }) => Object.values(batch.signals).flat())).toHaveLength(101);
  });

  test('holds as much as there is room for', () => {
    const outbox = new Outbox(temporaryDirectory(), plenty);
    for (let value = 0; value < 1000; value += 1) outbox.add(reading(value), 'normal');
    expect(Buffer.byteLength(JSON.stringify(outbox.seal()?.batch))).toBeGreaterThan(meteringUnit - 20);
  });

  test('waits to be full when asked to', () => {
    const outbox = new Outbox(temporaryDirectory(), plenty);
    for (let value = 0; value < 20; value += 1) outbox.add(reading(value), 'normal');
    expect(outbox.seal(true)).toBeUndefined();
    for (let value = 20; value < 1000; value += 1) outbox.add(reading(value), 'normal');
    expect(outbox.seal(true)?.sequence).toBe(1);
  });

  test('carries the most important first, then the oldest', () => {
    const outbox = new Outbox(temporaryDirectory(), plenty);
    for (const [value, priority] of [
      [1, 'low'],
      [2, 'normal'],
      [3, 'high'],
      [4, 'normal'],
    ] as const) {
      outbox.add({ path: `Vehicle.${value}`, at: began, value }, priority);
    }
    expect(valuesOf(outbox.seal())).toEqual([3, 2, 4, 1]);
  });

  test('is the same again after a restart, until it is acknowledged', () => {
    const directory = temporaryDirectory();
    const first = new Outbox(directory, plenty);
    for (let value = 0; value < 600; value += 1) first.add(reading(value), value % 3 === 0 ? 'high' : 'low');
    const sealed = [first.seal(), first.seal()];
    first.close();
    const second = new Outbox(directory, plenty);
    expect(second.unacknowledged()).toEqual(sealed);
    second.acknowledge(1);
    second.close();
    expect(new Outbox(directory, plenty).unacknowledged().map(({ sequence }) => sequence)).toEqual([2]);
  });
});

describe('a full outbox', () => {
  test('never takes more room than it may, and counts what it drops', () => {
    const directory = temporaryDirectory();
    const maxBytes = 128 * 1024;
    const outbox = new Outbox(directory, maxBytes);
    for (let value = 0; value < 4000; value += 1) {
      outbox.add(reading(value), 'normal');
      if (value % 10 === 0) expect(bytesIn(directory)).toBeLessThanOrEqual(maxBytes);
    }
    const kept = drain(outbox);
    expect(outbox.dropped.normal + kept.length).toBe(4000);
    expect(kept.length).toBeGreaterThan(400);
    // What is left is the newest, without a gap.
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 4000 - kept.length + index));
  });

  test('drops the oldest of the lowest priority, and touches none above as long as there is one', () => {
    const outbox = new Outbox(temporaryDirectory(), 128 * 1024);
    const priorities: Priority[] = ['high', 'low', 'normal'];
    for (let value = 0; value < 900; value += 1) outbox.add(reading(value), priorities[value % 3] ?? 'low');
    expect(outbox.dropped.low).toBeGreaterThan(0);
    expect(outbox.dropped).toMatchObject({ normal: 0, high: 0 });
    for (let value = 900; value < 3000; value += 1) outbox.add(reading(value), value % 2 === 0 ? 'high' : 'normal');
    expect(outbox.dropped.low).toBe(300);
    expect(outbox.dropped.normal).toBeGreaterThan(0);
  });

  test('remembers after a restart what it dropped', () => {
    const directory = temporaryDirectory();
    const outbox = new Outbox(directory, 128 * 1024);
    for (let value = 0; value < 3000; value += 1) outbox.add(reading(value), 'normal');
    const { dropped } = outbox;
    outbox.close();
    const again = new Outbox(directory, 128 * 1024);
    expect(again.dropped).toEqual(dropped);
    expect(drain(again).length + dropped.normal).toBe(3000);
  });
});

describe('a crash', () => {
  test('at any byte of the file costs at most the record it tore, and no number is used twice', () => {
    const directory = temporaryDirectory();
    const outbox = new Outbox(directory, plenty);
    const file = join(directory, 'outbox.log');
    const live = new Set<unknown>();
    let lastSequence = 0;
    // What the outbox had promised when its file had this size.
    const promises = [{ size: 0, lastSequence, live: [...live] }];
    const promised = () => promises.push({ size: statSync(file).size, lastSequence, live: [...live] });
    for (let value = 0; value < 120; value += 1) {
      outbox.add(reading(value), 'normal');
      live.add(value);
      promised();
      if (value % 20 !== 19) continue;
      const sealed = outbox.seal();
      lastSequence = sealed?.sequence ?? lastSequence;
      promised();
      if (value % 40 !== 39) continue;
      outbox.acknowledge(lastSequence);
      for (const one of valuesOf(sealed)) live.delete(one);
      promised();
    }
    outbox.close();
    const whole = readFileSync(file);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), fc.uint8Array({ maxLength: 30 }), (length, rubbish) => {
        const torn = temporaryDirectory();
        writeFileSync(join(torn, 'outbox.log'), Buffer.concat([whole.subarray(0, length), rubbish]));
        const promise = promises.findLast(({ size }) => size <= length);
        const revived = new Outbox(torn, plenty);
        revived.add(reading(999), 'normal');
        const fresh = revived.seal();
        expect(fresh?.sequence).toBeGreaterThan(promise?.lastSequence ?? 0);
        const pending = revived.unacknowledged();
        revived.close();
        expect(pending.at(-1)).toEqual(fresh);
        const found = pending.flatMap(valuesOf);
        expect(found).toEqual([...new Set(found)]);
        expect(found).toEqual(expect.arrayContaining([...(promise?.live ?? []), 999]));
        expect(new Outbox(torn, plenty).unacknowledged()).toEqual(pending);
      }),
      { numRuns: 100 },
    );
  });

  test('that damages a byte in the middle costs one record', () => {
    const directory = temporaryDirectory();
    const outbox = new Outbox(directory, plenty);
    for (let value = 0; value < 30; value += 1) outbox.add(reading(value), 'normal');
    outbox.close();
    const file = join(directory, 'outbox.log');
    const content = readFileSync(file);
    content[content.length >> 1] = 0x7e;
    writeFileSync(file, content);
    expect(drain(new Outbox(directory, plenty))).toHaveLength(29);
  });

  test('in the middle of tidying leaves the old file', () => {
    const directory = temporaryDirectory();
    const outbox = new Outbox(directory, plenty);
    for (let value = 0; value < 30; value += 1) outbox.add(reading(value), 'normal');
    outbox.close();
    writeFileSync(join(directory, 'outbox.log.new'), 'half a fi');
    expect(drain(new Outbox(directory, plenty))).toHaveLength(30);
  });

  test('by kill -9, again and again, loses no reading and reuses no number', async () => {
    const directory = temporaryDirectory();
    const kept = new Set<number>();
    const sent = new Set<number>();
    const sequences: number[] = [];
    let next = 0;
    for (let life = 0; life < 4; life += 1) {
      for (const line of await lifeOfVictim(directory, next, 400 + 137 * life)) {
        const [word, text = ''] = line.split(' ');
        if (word === 'kept') kept.add(Number(text));
        if (word === 'sealed') sequences.push(Number(text));
        if (word === 'sent') for (const value of text.split(',')) sent.add(Number(value));
      }
      next = Math.max(...kept) + 2;
    }
    expect(new Set(sequences).size).toBe(sequences.length);
    expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
    const left = new Set(drain(new Outbox(directory, plenty)));
    const lost = [...kept].filter((value) => !sent.has(value) && !left.has(value));
    expect(lost).toEqual([]);
    expect(kept.size).toBeGreaterThan(1500);
  });
});

/** What the process said until it was killed after so many kept readings; a torn last line was never said. */
function lifeOfVictim(directory: string, from: number, readings: number): Promise<string[]> {
  const script = fileURLToPath(new URL('./outbox-victim.ts', import.meta.url));
  const victim = spawn(process.execPath, ['--import', 'tsx', script, directory, String(from)]);
  let said = '';
  victim.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
    if (said.split('kept ').length > readings) victim.kill('SIGKILL');
  });
  victim.stderr.on('data', (chunk: Buffer) => {
    said += `\nerror ${chunk.toString('utf8')}`;
  });
  return new Promise((resolve) => victim.once('close', () => resolve(said.split('\n').slice(0, -1))));
}
