import { expect, test, vi } from 'vitest';
import { MovableClock } from '#local/clock.ts';

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
