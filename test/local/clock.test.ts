import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { MovableClock } from '#local/clock.ts';
import { keepTime } from '#local/kept-time.ts';
import { State } from '#local/state/collection.ts';

const hour = 3_600_000;

test('a timer fires when the clock is moved over its time, and stays fired when it is set back', async () => {
  const clock = new MovableClock();
  const fired = vi.fn();
  clock.after(hour, fired);
  clock.runAhead(2 * hour);
  await vi.waitFor(() => expect(fired).toHaveBeenCalledTimes(1));
  clock.runAhead(0);
  clock.runAhead(2 * hour);
  await new Promise((resolve) => setImmediate(resolve));
  expect(fired).toHaveBeenCalledTimes(1);
});

test('what was set ahead of time waits no longer than it was set for when the clock is set back', async () => {
  const clock = new MovableClock();
  const [soon, later] = [vi.fn(), vi.fn()];
  clock.after(2 * hour, later);
  clock.runAhead(hour);
  clock.after(20, soon);
  clock.runAhead(-hour);
  await vi.waitFor(() => expect(soon).toHaveBeenCalledTimes(1));
  expect(later).not.toHaveBeenCalled();
  clock.runAhead(hour + 1);
  await vi.waitFor(() => expect(later).toHaveBeenCalledTimes(1));
});

test('whoever keeps the clock hears of every move until they no longer want to', () => {
  const clock = new MovableClock();
  const moved = vi.fn();
  const stop = clock.whenMoved(moved);
  clock.runAhead(hour);
  clock.runAhead(0);
  stop();
  clock.runAhead(2 * hour);
  expect(moved.mock.calls).toEqual([[hour], [0]]);
});

test('a clock that was moved goes on so after a restart, also when it was set back, and new state knows nothing of it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-clock-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const started = (place: string, move?: number) => {
    const [clock, state] = [new MovableClock(), new State(join(directory, place))];
    const stop = keepTime(clock, state);
    const { ahead } = clock;
    if (move !== undefined) clock.runAhead(move);
    stop();
    state.close();
    return ahead;
  };
  expect(started('kept', 2 * hour)).toBe(0);
  expect(started('kept', -hour)).toBe(2 * hour);
  expect(started('kept', 0)).toBe(-hour);
  expect(started('kept')).toBe(0);
  expect(started('fresh')).toBe(0);
});
