import { homeOf } from '../registry/home.ts';
import type { Vehicle } from '../registry/vehicle.ts';
import { csvLine } from './csv.ts';
import type { ExportOrder } from './export.ts';

type Columns = Readonly<Record<string, (vehicle: Vehicle) => string | undefined>>;

/** The members of a registration, so that what was exported can be imported as it is. */
const registration: Columns = {
  vin: ({ vin }) => vin,
  brand: ({ brand }) => brand,
  model: ({ model }) => model,
  market: ({ market }) => market,
  deviceKeySha256: ({ deviceKeySha256 }) => deviceKeySha256,
  // Always said: an import would put those of the first home where their brand is at home.
  home: (vehicle) => homeOf(vehicle).name,
};

const withoutPersonalData: Columns = {
  vehicleId: ({ vehicleId }) => vehicleId,
  brand: ({ brand }) => brand,
  model: ({ model }) => model,
  market: ({ market }) => market,
  home: (vehicle) => homeOf(vehicle).name,
  status: ({ lifeCycle }) => lifeCycle.status,
  registeredAt: ({ registeredAt }) => new Date(registeredAt).toISOString(),
};

type Shape = Pick<ExportOrder, 'format' | 'withVin'>;

export function exportHeader({ format, withVin }: Shape): string {
  return format === 'csv' ? csvLine(Object.keys(columnsOf(withVin))) : '';
}

export function exportLine({ format, withVin }: Shape, vehicle: Vehicle): string {
  const values = Object.entries(columnsOf(withVin)).map(([name, of]) => [name, of(vehicle)] as const);
  if (format === 'csv') return csvLine(values.map(([, value = '']) => value));
  return `${JSON.stringify(Object.fromEntries(values))}\n`;
}

function columnsOf(withVin: boolean): Columns {
  return withVin ? registration : withoutPersonalData;
}
