import { describe, expect, test } from 'vitest';
import { parseSchedule } from '#local/events/schedule.ts';

// A Thursday.
const now = Date.UTC(2026, 0, 1, 10, 30);
const next = (expression: string, after = now) => {
  const due = parseSchedule(expression)(after);
  return due === undefined ? undefined : new Date(due).toISOString().slice(0, 16);
};

describe('a schedule', () => {
  test.each([
    ['rate(1 minute)', '2026-01-01T10:31'],
    ['rate(5 minutes)', '2026-01-01T10:35'],
    ['rate(1 hour)', '2026-01-01T11:30'],
    ['rate(7 days)', '2026-01-08T10:30'],
    ['cron(0/15 * * * ? *)', '2026-01-01T10:45'],
    ['cron(30 10 * * ? *)', '2026-01-02T10:30'],
    ['cron(0 6 ? * MON-FRI *)', '2026-01-02T06:00'],
    ['cron(0 6 ? * 7 *)', '2026-01-03T06:00'],
    ['cron(0 0 29 FEB ? *)', '2028-02-29T00:00'],
    ['cron(15,45 8-9 1 * ? 2027)', '2027-01-01T08:15'],
  ])('%s is due at %s', (expression, due) => {
    expect(next(expression)).toBe(due);
  });

  test('whose years are over is never due again', () => {
    expect(next('cron(0 0 1 1 ? 2025)')).toBeUndefined();
  });

  test.each([
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'cron(0 0 L * ? *)',
    'cron(0 0 ? * 2#1 *)',
    'cron(0 0 * * * *)',
    'cron(60 0 * * ? *)',
    'cron(0 0 * * ?)',
    'at(2026-01-01T00:00:00)',
  ])('%s stops the start', (expression) => {
    expect(() => parseSchedule(expression)).toThrow(/schedule/);
  });
});
