import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidReading } from '#device-sdk/telemetry.ts';
import { type RecordedChange, recordedChanges, recordedValue, recordingLines } from '#local/simulator/recording.ts';
import { replay } from '#local/simulator/replay.ts';
import { checkValue, signal } from '#shared/telemetry/catalogue.ts';
import type { SignalValue } from '#shared/vehicle-cloud/envelopes.ts';

const recordings = fileURLToPath(new URL('../../../../shared/data/recordings', import.meta.url));
const header = 'field,signal,value,delay';

async function* lines(...texts: string[]): AsyncGenerator<string> {
  yield* texts;
}

async function changesIn(...texts: string[]): Promise<RecordedChange[]> {
  const changes: RecordedChange[] = [];
  for await (const change of recordedChanges(lines(...texts))) changes.push(change);
  return changes;
}

describe('a recording', () => {
  test('is read line by line', async () => {
    const changes = await changesIn(header, 'current,Vehicle.Speed,22.5,0.998', '', 'current,Vehicle.IsMoving,True,0');
    expect(changes).toEqual([
      { line: 2, path: 'Vehicle.Speed', value: '22.5', delay: 0.998 },
      { line: 4, path: 'Vehicle.IsMoving', value: 'True', delay: 0 },
    ]);
  });

  test('may quote a value, and wishes are passed over', async () => {
    const changes = await changesIn(
      header,
      'current,Vehicle.VehicleIdentification.Model,"ID.3, ""Pro""",1',
      'target,Vehicle.Speed,1,0',
    );
    expect(changes.map(({ value }) => value)).toEqual(['ID.3, "Pro"']);
  });

  const faults: [text: string[], complaint: string][] = [
    [[], 'line 1: expected'],
    [['signal,value'], 'line 1: expected'],
    [[header, 'current,Vehicle.Speed,1'], 'line 2: expected 4 columns'],
    [[header, 'current,Vehicle.Speed,1,0', 'current,Vehicle.Speed,1,0,9'], 'line 3: expected 4 columns'],
    [[header, 'present,Vehicle.Speed,1,0'], "line 2: the field is 'present'"],
    [[header, 'current,Vehicle.Speed,1,soon'], "line 2: the delay 'soon'"],
    [[header, 'current,Vehicle.Speed,1,-1'], "line 2: the delay '-1'"],
    [[header, 'current,Vehicle.Speed,1,'], "line 2: the delay ''"],
    [[header, 'current,"Vehicle.Speed,1,0'], 'line 2: a quotation mark'],
  ];
  test.each(faults)('%j is refused with its line', async (texts, complaint) => {
    await expect(changesIn(...texts)).rejects.toThrow(complaint);
  });

  test('brings whatever was quoted back as it was', async () => {
    const text = fc.string().filter((value) => !/[\r\n]/.test(value));
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const quoted = `"${value.replaceAll('"', '""')}"`;
        const [change] = await changesIn(header, `current,Vehicle.Speed,${quoted},1`);
        expect(change?.value).toBe(value);
      }),
    );
  });

  test('gives each value the type of its signal, and leaves what cannot be one', () => {
    expect(recordedValue('Vehicle.Speed', '22.5')).toBe(22.5);
    expect(recordedValue('Vehicle.IsMoving', 'False')).toBe(false);
    expect(recordedValue('Vehicle.Tachograph.Driver.Driver1.WorkingState', 'REST')).toBe('REST');
    expect(recordedValue('Vehicle.Speed', 'fast')).toBe('fast');
    expect(recordedValue('Vehicle.Speed', '')).toBe('');
    expect(recordedValue('Vehicle.Unheard', '1')).toBe('1');
  });
});

function recorder() {
  const readings: { path: string; value: SignalValue; at: number | undefined }[] = [];
  const record = (path: string, value: SignalValue, { at }: { at?: number } = {}) => {
    const known = signal(path);
    const refusal = known === undefined ? 'is no signal of VSS 6' : checkValue(known, value);
    if (refusal !== undefined) throw new InvalidReading(path, refusal);
    readings.push({ path, value, at });
  };
  return { readings, telemetry: { record } };
}

describe('a replay', () => {
  test('keeps the recorded pace, or a multiple of it', async () => {
    const { readings, telemetry } = recorder();
    let now = 1000;
    const pause = async (ms: number) => {
      now += ms;
    };
    const changes = recordedChanges(
      lines(header, ...[0, 1, 0.005, 3].map((delay) => `current,Vehicle.Speed,1,${delay}`)),
    );
    await replay(changes, telemetry, { speed: 2, now: () => now, pause, skipped: () => {} });
    expect(readings.map(({ at }) => at)).toEqual([1000, 1500, 1502.5, 3002.5]);
    expect(now).toBe(3002.5);
  });

  test('skips what VSS 6 does not know or admit, says so once a signal, and goes on', async () => {
    const { readings, telemetry } = recorder();
    const skipped: string[] = [];
    const changes = recordedChanges(
      lines(
        header,
        'current,Vehicle.Flux,1,0',
        'current,Vehicle.CurrentLocation.Latitude,91,0',
        'current,Vehicle.Flux,2,0',
        'current,Vehicle.CurrentLocation.Latitude,52,0',
      ),
    );
    const count = await replay(changes, telemetry, {
      now: () => 0,
      pause: async () => {},
      skipped: ({ line, path }, reason) => skipped.push(`${line} ${path} ${reason}`),
    });
    expect(count).toEqual({ readings: 1, skipped: 3 });
    expect(readings.map(({ value }) => value)).toEqual([52]);
    expect(skipped).toEqual([
      '2 Vehicle.Flux is no signal of VSS 6',
      '3 Vehicle.CurrentLocation.Latitude is above the maximum 90 degrees',
    ]);
  });

  test.skipIf(!existsSync(recordings))(
    'of real drives comes through (skipped where ../shared/data/recordings is absent)',
    async () => {
      const skipped = new Set<string>();
      const counts: unknown[] = [];
      for (const name of ['passenger-drive.csv', 'truck-drive.csv']) {
        const { readings, telemetry } = recorder();
        const count = await replay(recordedChanges(recordingLines(`${recordings}/${name}`)), telemetry, {
          now: () => Number.MAX_SAFE_INTEGER,
          pause: async () => {},
          skipped: ({ path }, reason) => skipped.add(`${path} ${reason}`),
        });
        counts.push([count.readings, count.skipped, readings.length]);
      }
      expect(counts).toEqual([
        [1885, 0, 1885],
        [2317, 1672, 2317],
      ]);
      // Signals of the truck's maker, and names of earlier VSS releases.
      expect([...skipped].sort()).toEqual(
        [
          'Vehicle.Powertrain.FuelSystem.Tank.First.RelativeLevel',
          'Vehicle.Tachograph.Driver.Driver1.IsCardPresent',
          'Vehicle.Tachograph.Driver.Driver1.WorkingState',
          'Vehicle.Tachograph.Driver.Driver2.IsCardPresent',
          'Vehicle.Tachograph.Driver.Driver2.WorkingState',
          'Vehicle.Tachograph.VehicleSpeed',
          'Vehicle.TraveledDistanceHighRes',
        ].map((path) => `${path} is no signal of VSS 6`),
      );
    },
  );
});
