import { expect, test } from 'vitest';
import { homeName } from '#shared/registry/home.ts';
import { exportHeader, exportLine } from '#shared/transfers/export-lines.ts';
import { aVehicle } from '../../contract/samples.ts';

const here = aVehicle();
const there = aVehicle({ home: { name: homeName('north'), epoch: 3 } });

test.each([true, false])('a line says where its vehicle is at home, with VIN or without: %s', (withVin) => {
  const homes = [here, there].map((vehicle) => JSON.parse(exportLine({ format: 'ndjson', withVin }, vehicle)).home);
  expect(homes).toEqual(['first', 'north']);
  const csv = { format: 'csv', withVin } as const;
  const column = exportHeader(csv).trim().split(',').indexOf('home');
  expect([here, there].map((vehicle) => exportLine(csv, vehicle).trim().split(',')[column])).toEqual(homes);
});
