const formatter = new Intl.DateTimeFormat('en-GB', {
  ...{ day: 'numeric', month: 'short', year: 'numeric' },
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'longOffset' },
});

/** In the time zone of this machine, which is named: `22 Nov 2026, 08:30:12 GMT+01:00`. */
export function moment(at: string | number): string {
  return formatter.format(typeof at === 'number' ? at : Date.parse(at));
}

/** Its two largest units: `4 d 3 h`, `12 min`, `8 s`. @param ms from 0 on */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [
    { unit: 'd', count: Math.floor(seconds / 86_400) },
    { unit: 'h', count: Math.floor(seconds / 3600) % 24 },
    { unit: 'min', count: Math.floor(seconds / 60) % 60 },
    { unit: 's', count: seconds % 60 },
  ];
  const first = parts.findIndex(({ count }) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ unit, count }) => `${count} ${unit}`)
    .join(' ');
}

/** `1,234,567` */
export function count(value: number): string {
  return value.toLocaleString('en-GB');
}

export function vehicles(value: number): string {
  return `${count(value)} ${value === 1 ? 'vehicle' : 'vehicles'}`;
}
