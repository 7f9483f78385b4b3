import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Import, isRunning, overdue, percentBefore, waitingImport } from '#shared/transfers/import.ts';
import type { TransferFormat } from '#shared/transfers/transfer-format.ts';
import { aBrand } from '../../contract/samples.ts';
import { BrokenWorld, type Fate } from './broken-world.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const header = 'vin,brand,model,market';

function outcome({ end, report }: { end: Import; report: string | undefined }) {
  const { state } = end;
  const run = state.status === 'done' ? state : state.status === 'failed' ? state.run : undefined;
  return {
    status: state.status,
    counts: run?.checkpoint.counts,
    problem: state.status === 'failed' ? state.problem : undefined,
    report: report
      ?.split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  };
}

const importOf = async (format: TransferFormat, file: string | Uint8Array, world = new BrokenWorld()) =>
  outcome(await world.import(format, typeof file === 'string' ? bytesOf(file) : file));

describe('an import', () => {
  const vin = (number: number) => `WVWZZZE1ZMP00000${number}`;
  const line = fc.oneof(
    fc
      .tuple(
        fc.integer({ min: 0, max: 6 }),
        fc.constantFrom('ID.3', 'ID.4'),
        fc.constantFrom('volkswagen', 'audi', 'nobody'),
      )
      .map(([number, model, brand]) => `${vin(number)},${brand},${model},DE`),
    fc.constantFrom('', 'nonsense', `${vin(1)},volkswagen,ID.3,XX`, '"'),
  );
  const file = fc.array(line, { maxLength: 25 }).map((lines) => `${header}\n${lines.join('\n')}`);
  const fate = fc.oneof(
    { weight: 8, arbitrary: fc.constant<Fate>('well') },
    { weight: 3, arbitrary: fc.constantFrom<Fate>('fail', 'fail-after', 'die', 'die-after') },
  );

  test('comes to the same end wherever it is broken off, and however often it is called', async () => {
    await fc.assert(
      fc.asyncProperty(
        file,
        fc.array(fate, { maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        async (text, fates, calls) => {
          const calm = new BrokenWorld();
          const expected = outcome(await calm.import('csv', bytesOf(text)));
          const world = new BrokenWorld(fates);
          const got = outcome(await world.import('csv', bytesOf(text), calls));
          expect(got).toEqual(expected);
          expect(got.status).toBe('done');
          const cars = ({ vehicles }: BrokenWorld) =>
            [...vehicles].map(([, car]) => [car.vin, car.vehicleId, car.model]).sort();
          expect(cars(world)).toEqual(cars(calm));
          expect(got.counts?.registered).toBe(world.vehicles.size);
          expect([...world.records.values()]).toMatchObject([
            { action: 'import.done', outcome: 'done', counts: got.counts },
          ]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('lets the first line of a VIN count, and names it to those that contradict', async () => {
    const [one, two] = [vin(1), vin(2)];
    const text = [
      header,
      `${one},volkswagen,ID.3,DE`,
      `${two},volkswagen,ID.3,DE`,
      `${one},volkswagen,ID.4,DE`,
      `${one},volkswagen,ID.3,DE`,
    ];
    const { counts, report } = await importOf('csv', text.join('\n'));
    expect(counts).toEqual({ registered: 2, unchanged: 1, failed: 1 });
    expect(report).toMatchObject([{ line: 4, code: 'vin-twice', detail: expect.stringContaining('line 2') }]);
  });

  test.each([
    ['csv', '', 'empty-file'],
    ['csv', '\n\r\n', 'empty-file'],
    ['csv', 'vin,brand,model,market,colour\n', 'wrong-header'],
    ['csv', '{"vin":"WVWZZZE1ZMP000001"}', 'wrong-header'],
    ['ndjson', `${header}\n`, 'not-ndjson'],
    ['ndjson', '[{}]', 'not-ndjson'],
    ['ndjson', new Uint8Array([0xff, 0xfe, 0x7b, 0]), 'not-utf-8'],
    ['csv', new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0xff, 0xff]), 'not-utf-8'],
    ['csv', 'x'.repeat(100_000), 'line-too-long'],
  ] as const)('of a file that is no %s at all registers nothing and says why', async (format, text, code) => {
    const world = new BrokenWorld();
    const { status, problem, report } = await importOf(format, text, world);
    expect({ status, code: problem?.code }).toEqual({ status: 'failed', code });
    expect(report).toMatchObject([{ code }]);
    expect(world.vehicles.size).toBe(0);
  });

  test('of a file that has no line but its header is done', async () => {
    expect(await importOf('csv', header)).toMatchObject({ status: 'done', counts: { registered: 0 }, report: [] });
  });

  test('whose file is replaced while it is read says up to where it was taken in', async () => {
    const cars = Array.from({ length: 9 }, (_, number) => `${vin(number)},volkswagen,ID.3,DE`);
    const world = new BrokenWorld();
    let reads = 0;
    world.onRead = () => {
      reads += 1;
      if (reads === 2) world.upload('imp-abcdefghijklmnopqrst', bytesOf('another'));
    };
    const { status, problem, counts } = await importOf('csv', [header, ...cars, 'x'.repeat(400_000)].join('\n'), world);
    expect({ status, code: problem?.code }).toEqual({ status: 'failed', code: 'file-changed' });
    expect(counts?.registered).toBe(world.vehicles.size);
    expect(problem?.line).toBe(11);
    expect([...world.records.values()]).toMatchObject([{ action: 'import.failed', problem: 'file-changed', counts }]);
  });

  test('of a file that is too large ends before it began, and a run writes that into the audit', async () => {
    const world = new BrokenWorld();
    const { end } = await world.import('csv', bytesOf(header), 1, 3_000_000_000);
    expect(end.state).toMatchObject({ status: 'failed', problem: { code: 'file-too-large' } });
    expect([...world.records.values()]).toMatchObject([{ action: 'import.failed', problem: 'file-too-large' }]);
  });

  test('is seen to progress, hundredth by hundredth, without a checkpoint for each line', async () => {
    const cars = Array.from(
      { length: 2_000 },
      (_, number) => `WVWZZZE1ZMP${String(number).padStart(6, '0')},volkswagen,ID.3,DE`,
    );
    const world = new BrokenWorld();
    const seen: number[] = [];
    world.onRead = () => {
      const [task] = world.tasks.values();
      if (task !== undefined && isRunning(task))
        seen.push(percentBefore(task.state.checkpoint.place.offset, task.state.file));
    };
    expect(await importOf('csv', [header, ...cars].join('\n'), world)).toMatchObject({
      status: 'done',
      counts: { registered: 2_000 },
    });
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(new Set(seen).size).toBeGreaterThan(50);
    // Each hundredth, and each run.
    expect(seen.length).toBeLessThan(200);
  });

  test('for which nothing is uploaded expires', () => {
    const task = waitingImport(
      { operationId: 'abcdefghijklmnopqrst', startedAt: 0 },
      { clientId: 'client', brands: [aBrand()] },
      'csv',
    );
    expect(overdue(task, 7_199_999)).toBe(task);
    expect(overdue(task, 7_200_000).state).toMatchObject({ status: 'failed', problem: { code: 'upload-expired' } });
  });
});
