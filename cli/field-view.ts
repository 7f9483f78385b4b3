import * as z from 'zod';
import { count, duration, moment } from './moment.ts';

const place = z.object({ latitude: z.number(), longitude: z.number() });

export const task = z.looseObject({
  ...{ taskId: z.string(), vehicleId: z.string(), kind: z.string(), why: z.string(), what: z.string() },
  ...{ priority: z.number(), status: z.string(), raisedAt: z.string(), note: z.string().optional() },
  ...{ label: z.string().optional(), charge: z.number().optional(), distance: z.number().optional() },
  ...{ place: place.optional(), to: place.optional(), takenBy: z.string().optional(), reason: z.string().optional() },
});
export type Task = z.infer<typeof task>;

const spot = z.object({ cell: z.string(), place });
export const relocation = z.looseObject({
  ...{ vehicleId: z.string(), label: z.string(), from: spot, to: spot },
  ...{ distance: z.number(), idleMinutes: z.number(), expected: z.number() },
});
export type Relocation = z.infer<typeof relocation>;

export const figureRow = z.looseObject({
  ...{ localFrom: z.string(), zoneId: z.string().optional(), currency: z.string() },
  ...{ availableMinutes: z.number(), reservedMinutes: z.number(), onTripMinutes: z.number() },
  ...{ outOfServiceMinutes: z.number(), trips: z.number(), tripMinutes: z.number(), kilometres: z.number() },
  ...{ gross: z.number(), net: z.number(), refunded: z.number(), unmetSearches: z.number() },
});
export type FigureRow = z.infer<typeof figureRow>;

/** A table for people. @param now ms */
export function taskLines(tasks: readonly Task[], now: number): readonly string[] {
  if (tasks.length === 0) return ['Nothing is to be done.'];
  const rows = tasks.map((one) => [
    ...[String(one.priority), one.kind, one.label ?? one.vehicleId],
    ...[one.charge === undefined ? '–' : `${Math.round(one.charge)} %`, placeText(one.place), metres(one.distance)],
    duration(Math.max(0, now - Date.parse(one.raisedAt))),
    [one.what, one.note, one.to && `to ${placeText(one.to)}`, one.takenBy && `(${one.takenBy})`, one.reason]
      .filter((part) => part !== undefined && part !== '')
      .join(' · '),
  ]);
  return table(['', 'kind', 'vehicle', 'charge', 'place', 'away', 'since', 'what'], rows);
}

export function relocationLines(found: readonly Relocation[]): readonly string[] {
  if (found.length === 0) return ['No vehicle is to be brought anywhere.'];
  const rows = found.map(({ label, vehicleId, from, to, distance, idleMinutes, expected }) => [
    ...[label === '' ? vehicleId : label, placeText(from.place), placeText(to.place), to.cell, metres(distance)],
    ...[duration(idleMinutes * 60_000), expected.toFixed(2)],
  ]);
  return table(['vehicle', 'from', 'to', 'cell', 'away', 'idle', 'expected'], rows);
}

/** With the sum of all of them as the last line. */
export function figureLines(rows: readonly FigureRow[]): readonly string[] {
  if (rows.length === 0) return ['Nothing was counted.'];
  const sum = (of: (row: FigureRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const [first] = rows;
  const all: FigureRow = {
    ...{ localFrom: 'together', currency: first?.currency ?? '', tripMinutes: sum((row) => row.tripMinutes) },
    ...{ availableMinutes: sum((row) => row.availableMinutes), reservedMinutes: sum((row) => row.reservedMinutes) },
    ...{ onTripMinutes: sum((row) => row.onTripMinutes), trips: sum((row) => row.trips) },
    ...{ outOfServiceMinutes: sum((row) => row.outOfServiceMinutes), kilometres: sum((row) => row.kilometres) },
    ...{ gross: sum((row) => row.gross), net: sum((row) => row.net), refunded: sum((row) => row.refunded) },
    unmetSearches: sum((row) => row.unmetSearches),
  };
  const names = ['from', 'zone', 'in use', 'trips', 'hours', 'km', 'gross', 'net', 'refunded', 'in vain'];
  return table(
    names,
    [...rows, all].map((row) => figureCells(row, row === all)),
  );
}

/** In use: of the time in which somebody could have had a vehicle, that in which somebody had one. */
function figureCells(row: FigureRow, isSum: boolean): readonly string[] {
  const { availableMinutes, reservedMinutes, onTripMinutes, currency } = row;
  const served = availableMinutes + reservedMinutes + onTripMinutes;
  const used = served === 0 ? '–' : `${((100 * (reservedMinutes + onTripMinutes)) / served).toFixed(1)} %`;
  const money = (minor: number) => `${(minor / 100).toFixed(2)} ${currency}`;
  return [
    ...[row.localFrom, isSum ? '' : (row.zoneId ?? '–'), used, count(row.trips), (row.tripMinutes / 60).toFixed(1)],
    ...[row.kilometres.toFixed(1), money(row.gross), money(row.net), money(row.refunded), count(row.unmetSearches)],
  ];
}

function placeText(spot: { readonly latitude: number; readonly longitude: number } | undefined): string {
  return spot === undefined ? 'unknown' : `${spot.latitude.toFixed(4)},${spot.longitude.toFixed(4)}`;
}

function metres(distance: number | undefined): string {
  return distance === undefined ? '–' : `${count(Math.round(distance))} m`;
}

/** As wide as what stands in each column. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** When it was, for whoever watches. */
export function seenAt(now: number): string {
  return `As of ${moment(now)}.`;
}
