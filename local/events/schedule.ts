/** When a schedule is due next, strictly after an instant; undefined: never again. */
export type Schedule = (after: number) => number | undefined;

const minuteMs = 60_000;
const units: Readonly<Record<string, number>> = { minute: minuteMs, hour: 60 * minuteMs, day: 1440 * minuteMs };
const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const searchDays = 5 * 366;

/**
 * Reads `rate(5 minutes)` or `cron(0 6 ? * MON-FRI *)` (EventBridge user guide, "Schedule expressions"); UTC.
 *
 * @throws Error on anything else, the wildcards L, W and # included
 */
export function parseSchedule(expression: string): Schedule {
  const [, kind, inside = ''] = /^(rate|cron)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'rate') return rate(inside, expression);
  if (kind === 'cron') return cron(inside, expression);
  throw new Error(`The local cloud does not understand the schedule "${expression}".`);
}

function rate(inside: string, expression: string): Schedule {
  const [, count = '', unit = '', plural = ''] = /^(\d+) (minute|hour|day)(s?)$/.exec(inside.trim()) ?? [];
  const period = Number(count) * (units[unit] ?? 0);
  if (period === 0 || (count === '1') === (plural === 's'))
    throw new Error(`The schedule "${expression}" is malformed.`);
  return (after) => after + period;
}

function cron(inside: string, expression: string): Schedule {
  const fields = inside.trim().split(/\s+/);
  const [minutes, hours, days, months, weekdays, years] = fields;
  if (fields.length !== 6 || minutes === undefined || hours === undefined || days === undefined) {
    throw new Error(`The schedule "${expression}" wants six fields.`);
  }
  if (months === undefined || weekdays === undefined || years === undefined || (days === '?') === (weekdays === '?')) {
    throw new Error(`The schedule "${expression}" wants ? in exactly one of day-of-month and day-of-week.`);
  }
  const field = (text: string, least: number, most: number, names: readonly string[] = [], base = 0) =>
    values(text, least, most, names, base, expression);
  const onMinutes = [...field(minutes, 0, 59)].sort((a, b) => a - b);
  const onHours = [...field(hours, 0, 23)].sort((a, b) => a - b);
  const onDays = field(days, 1, 31);
  const onMonths = field(months, 1, 12, monthNames, 1);
  const onWeekdays = field(weekdays, 1, 7, dayNames, 1);
  const onYears = field(years, 1970, 2199);
  const fits = (day: Date) =>
    onDays.has(day.getUTCDate()) &&
    onMonths.has(day.getUTCMonth() + 1) &&
    onWeekdays.has(day.getUTCDay() + 1) &&
    onYears.has(day.getUTCFullYear());
  return (after) => {
    const start = new Date(after);
    for (let offset = 0; offset < searchDays; offset++) {
      const midnight = Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate() + offset);
      if (!fits(new Date(midnight))) continue;
      for (const hour of onHours) {
        for (const minute of onMinutes) {
          const due = midnight + (hour * 60 + minute) * minuteMs;
          if (due > after) return due;
        }
      }
    }
    return undefined;
  };
}

function values(
  text: string,
  least: number,
  most: number,
  names: readonly string[],
  base: number,
  expression: string,
): ReadonlySet<number> {
  const number = (word: string): number => {
    const named = names.indexOf(word.toUpperCase());
    const value = named >= 0 ? named + base : Number(word);
    if (/^\d+$/.test(word) || named >= 0) if (value >= least && value <= most) return value;
    throw new Error(`The schedule "${expression}" has "${word}", which the local cloud does not understand there.`);
  };
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range === '*' || range === '?' ? [String(least), String(most)] : range.split('-');
    const first = number(from);
    const last = to === undefined ? (step === undefined ? first : most) : number(to);
    const stride = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(stride) || stride < 1)
      throw new Error(`The schedule "${expression}" has the step "${step}".`);
    for (let value = first; value <= last; value += stride) found.add(value);
  }
  return found;
}
