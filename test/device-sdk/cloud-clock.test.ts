import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CloudClock } from '#device-sdk/cloud-clock.ts';

const seconds = 1_800_000_000;

describe('the cloud clock', () => {
  test('knows nothing before the first answer', () => {
    expect(new CloudClock().now(1000)).toBeUndefined();
    expect(new CloudClock().corrected(42, 1000)).toBe(42);
  });

  test('is certain to the second and the round trip', () => {
    const clock = new CloudClock(0);
    clock.answered(seconds, 5000, 5040);
    expect(clock.now(5040)).toEqual({ earliest: seconds * 1000 - 1000, latest: seconds * 1000 + 1040 });
    expect(clock.now(6040)).toEqual({ earliest: seconds * 1000, latest: seconds * 1000 + 2040 });
  });

  test('grows less certain with time, by the drift of its counter', () => {
    const clock = new CloudClock(0.001);
    clock.answered(seconds, 0, 0);
    const later = clock.now(1_000_000);
    expect((later?.latest ?? 0) - (later?.earliest ?? 0)).toBe(2000 + 2000);
  });

  test('is not fooled into an upper bound by a message that may have waited', () => {
    const clock = new CloudClock();
    clock.notBefore(seconds, 0);
    expect(clock.now(0)).toBeUndefined();
  });

  test('gives up what a message contradicts: the counter stood still', () => {
    const clock = new CloudClock();
    clock.answered(seconds, 0, 10);
    clock.notBefore(seconds + 3600, 1000);
    expect(clock.now(1000)).toBeUndefined();
  });

  test('believes the newest answer where it contradicts the former', () => {
    const clock = new CloudClock(0);
    clock.answered(seconds, 0, 10);
    clock.answered(seconds + 900, 1000, 1010);
    expect(clock.now(1010)).toEqual({ earliest: (seconds + 900) * 1000 - 1000, latest: (seconds + 900) * 1000 + 1010 });
  });

  test('ignores nonsense', () => {
    const clock = new CloudClock();
    for (const timestamp of [0, -1, Number.NaN, 9e9, seconds * 1000]) clock.answered(timestamp, 0, 10);
    clock.answered(seconds, 20, 10);
    expect(clock.now(10)).toBeUndefined();
    clock.answered(seconds, 10, 20);
    expect(clock.now(5)).toBeUndefined();
  });

  test('leaves a wall clock alone that is within the bounds, and corrects one that is not', () => {
    const clock = new CloudClock(0);
    clock.answered(seconds, 0, 0);
    expect(clock.corrected(seconds * 1000 + 500, 0)).toBe(seconds * 1000 + 500);
    expect(clock.corrected(0, 0)).toBe(seconds * 1000 - 1000);
    expect(clock.corrected(4e12, 0)).toBe(seconds * 1000 + 1000);
  });

  test('always holds the true time between its bounds, whatever the delays and a drift within the allowance', () => {
    const delay = fc.integer({ min: 0, max: 20_000 });
    const step = fc.record({
      pause: fc.integer({ min: 0, max: 3_600_000 }),
      there: delay,
      back: delay,
      asked: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.double({ min: -4e-4, max: 4e-4, noNaN: true }),
        (steps, drift) => {
          const clock = new CloudClock(500e-6);
          let truth = seconds * 1000;
          // The counter runs fast or slow against the true time.
          const counter = () => (truth - seconds * 1000) * (1 + drift);
          for (const { pause, there, back, asked } of steps) {
            truth += pause;
            const askedAt = counter();
            truth += there;
            const stamp = Math.floor(truth / 1000);
            truth += back;
            if (asked) clock.answered(stamp, askedAt, counter());
            else clock.notBefore(stamp, counter());
            const bounds = clock.now(counter());
            if (bounds === undefined) continue;
            expect(bounds.earliest).toBeLessThanOrEqual(truth);
            expect(bounds.latest).toBeGreaterThanOrEqual(truth);
          }
        },
      ),
    );
  });
});
