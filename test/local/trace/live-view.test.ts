import { expect, test } from 'vitest';
import type { TraceRecord } from '#local/trace/hop-record.ts';
import { LiveView } from '#local/trace/live-view.ts';
import { plain } from '#local/trace/style.ts';
import { car, hopOf, otherCar, traceOf } from './samples.ts';

function reportOf(vehicle: string, number: number, hops = 1): TraceRecord {
  const label = `vehicles/${vehicle}/telemetry`;
  const first = hopOf({ id: 'a', kind: 'topic', label, vehicles: [vehicle], took: 2_000 });
  const more = Array.from({ length: hops - 1 }, (_, index) =>
    hopOf({ id: `b${index}`, kind: 'rule', label: `rule ${index}`, parents: ['a'] }),
  );
  return { ...traceOf([first, ...more]), traceId: `1-67404d20-${String(number).padStart(24, '0')}` };
}

function viewOf(vehicleId?: string) {
  const lines: string[] = [];
  let finished: readonly TraceRecord[] = [];
  const traces = { finished: () => finished };
  const view = new LiveView({ traces, say: (line) => lines.push(line), style: plain, width: 120, vehicleId });
  const look = (now: number, ...done: readonly TraceRecord[]) => {
    lines.length = 0;
    finished = done;
    view.look(0, now);
    return [...lines];
  };
  return { view, look, lines };
}

test('a fleet that says the same thing is told once, and counted', () => {
  const { view, look } = viewOf();
  const first = look(0, reportOf(car, 1), reportOf(otherCar, 2), reportOf(car, 3));
  expect(first.filter((line) => line.includes('telemetry  1-'))).toHaveLength(1);
  expect(look(9_000)).toEqual([]);
  expect(look(10_000)).toEqual(['+ 2 more like vehicles/*/telemetry: median 2.0 ms, worst 2.0 ms', '']);
  expect(look(10_250, reportOf(otherCar, 4))).not.toEqual([]);
  view.stop();
});

test('of one vehicle everything is told, and of the others nothing', () => {
  const { view, look } = viewOf(car);
  const lines = look(0, reportOf(car, 1), reportOf(otherCar, 2), reportOf(car, 3));
  expect(lines.filter((line) => line.includes(`vehicles/${car}/telemetry  1-`))).toHaveLength(2);
  expect(lines.join()).not.toContain(otherCar);
  view.stop();
});

test('what a trace does later is told as its continuation', () => {
  const { view, look } = viewOf();
  look(0, reportOf(car, 1));
  const later = look(5_000, reportOf(car, 1, 3));
  expect(later[0]).toContain('goes on');
  expect(later.filter((line) => line.includes('rule'))).toHaveLength(2);
  view.stop();
});

test('what was only counted is told at the end at the latest', () => {
  const { view, look, lines } = viewOf();
  look(0, reportOf(car, 1), reportOf(car, 2));
  lines.length = 0;
  view.stop();
  expect(lines[0]).toContain('+ 1 more like');
});
