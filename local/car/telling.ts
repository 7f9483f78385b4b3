import type { CarAction, CarView } from '#local/simulator/car.ts';

/** What somebody at a terminal wants to see of it. */
export function told(action: CarAction, cars: readonly CarView[], terminal: boolean): readonly string[] {
  const [car] = cars;
  if (action === 'list') return listed(cars);
  if (car === undefined) return [];
  if (action === 'show-code' && car.screen !== undefined) return terminal ? screen(car, car.screen) : [car.screen.code];
  return described(car);
}

function listed(cars: readonly CarView[]): string[] {
  const rows = cars.map(({ number, vehicleId, vin, model, home, line, screen: shown }) => [
    String(number),
    vehicleId ?? 'not provisioned yet',
    vin,
    model,
    home,
    line.status,
    shown === undefined ? '' : `shows ${shown.code}`,
  ]);
  const all = [['', 'vehicle', 'VIN', 'model', 'home', 'line', ''], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function described(car: CarView): string[] {
  const { number, vehicleId, vin, brand, model, home, line, screen: shown, certificate, drive } = car;
  const { speed, charge, locked } = drive;
  const why = line.reason === undefined ? '' : ` (${line.reason})`;
  return [
    `${number}  ${vehicleId ?? 'not provisioned yet'}  ${brand} ${model}`,
    `   VIN          ${vin}`,
    `   home         ${home}`,
    `   line         ${line.status} since ${time(line.since)}${why}`,
    ...(certificate === undefined
      ? []
      : [`   certificate  ${certificate.certificateId.slice(0, 12)}…, until ${day(certificate.expiresAt)}`]),
    `   drive        ${Math.round(speed)} km/h, ${Math.round(charge)} % charge, ${locked ? 'locked' : 'not locked'}`,
    ...(car.update === undefined ? [] : [`   update       ${updateLine(car.update)}`]),
    `   screen       ${shown === undefined ? 'dark' : `${shown.code} until ${time(shown.expiresAt)}`}`,
  ];
}

function updateLine({ title, status, percent, software }: NonNullable<CarView['update']>): string {
  const versions = Object.entries(software).map(([ecuId, version]) => `${ecuId} ${version}`);
  const how = percent === undefined ? status : `${status} ${percent} %`;
  return [...(title === undefined ? [] : [title]), how, ...versions].join(', ');
}

/** As in the car. */
function screen({ brand, model, vin }: CarView, { code, expiresAt }: { code: string; expiresAt: number }): string[] {
  const lines = ['', `${brand} ${model}`, '', code.split('').join(' '), '', `valid until ${time(expiresAt)}`, ''];
  const width = 44;
  const centred = lines.map((line) => line.padStart((width + line.length) / 2).padEnd(width));
  const edge = '─'.repeat(width);
  return [
    `╭${edge}╮`,
    ...centred.map((line) => `│${line}│`),
    `╰${edge}╯`,
    `A signed-in person claims it: POST /v1/me/vehicles {"vin":"${vin}","code":"${code}"}`,
  ];
}

function time(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
