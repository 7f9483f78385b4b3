import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvFields, csvLine, unguarded } from '#shared/transfers/csv.ts';
import { candidateIn, layoutOf } from '#shared/transfers/layout.ts';
import { lineOf, vehicleIdOfLine } from '#shared/transfers/line-vehicle-id.ts';

const members = {
  known: ['vin', 'brand', 'model', 'market', 'deviceKeySha256'],
  required: ['vin', 'brand', 'model', 'market'],
};
const header = (line: string) => layoutOf('csv', line, members);

describe('the header of a CSV file', () => {
  test('names the columns in any order, with commas or semicolons, in quotes or not', () => {
    const columns = ['market', 'vin', 'brand', 'model'];
    expect(header('market, vin ,"brand",model')).toMatchObject({ layout: { separator: ',', columns } });
    expect(header('Market;VIN;Brand;Model')).toMatchObject({ layout: { separator: ';', columns } });
  });

  test.each([
    ['vin,brand,model', '/market', 'is missing'],
    ['vin,brand,model,market,colour', '/colour', 'is not known here'],
    ['vin,brand,model,market,VIN', '/vin', 'stands there twice'],
    ['WVWZZZE1ZMP000042,volkswagen,ID.3,DE', '/vin', 'is missing'],
  ])('is refused as a whole if it is wrong: %s', (line, pointer, detail) => {
    expect(header(line)).toMatchObject({
      fault: { code: 'wrong-header', errors: expect.arrayContaining([{ pointer, detail }]) },
    });
  });

  test('that is NDJSON is named as such, without repeating it', () => {
    const found = header('{"vin":"WVWZZZE1ZMP000042","brand":"volkswagen"}');
    expect(found).toMatchObject({ fault: { code: 'wrong-header', detail: expect.stringContaining('NDJSON') } });
    expect(JSON.stringify(found)).not.toContain('WVWZZZE1ZMP000042');
  });

  test('that is a vehicle, because the file has none, is refused without repeating its VIN', () => {
    const found = header('WVWZZZE1ZMP000042,volkswagen,ID.3,DE,wvwzzze1zmp000042,WVWZZZE1ZMP000042');
    const errors = expect.arrayContaining([
      { pointer: '/column 1', detail: 'is not known here' },
      { pointer: '/column 6', detail: 'stands there twice' },
    ]);
    expect(found).toMatchObject({ fault: { code: 'wrong-header', errors } });
    expect(JSON.stringify(found)).not.toMatch(/wvwzzze1zmp000042/i);
  });

  test('of another encoding is told by its zero bytes', () => {
    expect(header('v\u0000i\u0000n\u0000')).toMatchObject({ fault: { code: 'not-utf-8' } });
  });
});

describe('a line of fields', () => {
  const layout = { format: 'csv', separator: ',', columns: ['vin', 'model', 'deviceKeySha256', ''] } as const;

  test('says of an empty field nothing, and may end with empty columns', () => {
    expect(candidateIn('A,"ID.3, ""Pro""",,', layout)).toEqual({ value: { vin: 'A', model: 'ID.3, "Pro"' } });
    expect(candidateIn('A,B,,,,,', layout)).toEqual({ value: { vin: 'A', model: 'B' } });
    expect(candidateIn(',,,', layout)).toEqual({ kind: 'nothing' });
  });

  test.each(['A,B', 'A,B,C,D', 'A,B,,,x', 'A,"B,,', 'A,"B"c,,'])(
    'with fields that do not fit the header fails: %s',
    (line) => {
      expect(candidateIn(line, layout)).toMatchObject({ fault: { code: 'malformed-line' } });
    },
  );

  test('comes back as it was written, and no spreadsheet computes it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("'", '=', '＝', '＠', '-', '"', ',', ';', 'a', ' ', 'ä') }), {
          minLength: 1,
        }),
        (values) => {
          const read = csvFields(csvLine(values).slice(0, -2), ',');
          expect('fields' in read && read.fields.map(unguarded)).toEqual(values);
          expect('fields' in read && read.fields.filter((field) => /^[=+\-@＝＋－＠]/.test(field))).toEqual([]);
        },
      ),
    );
  });
});

describe('the vehicle of a line', () => {
  const digest = (text: string) => createHash('sha256').update(text).digest();

  test('is the same each time, another one for each line and import, and names its line to its import alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: 1, max: 2 ** 40 }), (one, other) => {
        const id = vehicleIdOfLine(digest, 'imp-a', one);
        expect(vehicleIdOfLine(digest, 'imp-a', one)).toBe(id);
        expect(vehicleIdOfLine(digest, 'imp-a', other) === id).toBe(one === other);
        expect(lineOf(digest, 'imp-a', id)).toBe(one);
        expect(lineOf(digest, 'imp-b', id)).toBeUndefined();
      }),
    );
  });
});
