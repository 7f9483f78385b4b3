import { describe, expect, test } from 'vitest';
import { parseStartOptions } from '#local/options.ts';
import { parseTraceOptions } from '#local/trace/options.ts';
import { subjectOf } from '#local/trace/subject.ts';
import { car, traceId } from './samples.ts';

describe('npm run trace', () => {
  test.each([
    [car, 'vehicle'],
    [traceId, 'trace'],
    ['5f2c1c9e-6f0c-4d6e-9a53-0d6f4d1c2b7a', 'request'],
    ['JKJaXmPLvHcESHA=', 'request'],
    ['WVWZZZ1KZAW000001', undefined],
    ['', undefined],
  ])('knows what "%s" names', (id, subject) => {
    expect(subjectOf(id)).toBe(subject);
  });

  test('shows three of a vehicle, one of a request, or as many as are wanted', () => {
    expect(parseTraceOptions([car], '/')).toMatchObject({ id: car, last: 3, stateDirectory: '/.local' });
    expect(parseTraceOptions([traceId], '/')).toMatchObject({ last: 1 });
    expect(parseTraceOptions([car, '--last', '20', '--json', '-f'], '/')).toMatchObject({
      ...{ last: 20, json: true, follow: true },
    });
    expect(parseTraceOptions(['--help'], '/')).toBe('help');
  });

  test.each([
    [['WVWZZZ1KZAW000001'], /no vehicle .* no request .* no trace/],
    [[car, traceId], /One id at a time/],
    [['--last', '0'], /--last takes a whole number from 1 to 100/],
    [['--lats', '1'], /--lats/],
  ])('says what is wrong with %j', (argv, message) => {
    expect(() => parseTraceOptions(argv, '/')).toThrow(message);
  });
});

test('npm start traces all, one vehicle, or nobody', () => {
  expect(parseStartOptions([], '/')).toMatchObject({ trace: 'off' });
  expect(parseStartOptions(['--trace'], '/')).toMatchObject({ trace: 'all' });
  expect(parseStartOptions(['--trace', '--vehicles', '3'], '/')).toMatchObject({ trace: 'all', vehicles: 3 });
  expect(parseStartOptions([`--trace=${car}`], '/')).toMatchObject({ trace: car });
  expect(() => parseStartOptions(['--trace=me'], '/')).toThrow(/--trace takes a vehicle's id/);
});
