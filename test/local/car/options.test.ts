import { expect, test } from 'vitest';
import { parseCarOptions } from '#local/car/options.ts';

const asked = (...argv: string[]) => {
  const options = parseCarOptions(argv, '/home');
  return options === 'help' ? options : options.request;
};

test('a car and what it shall do are said in either order; a car alone tells how it is, nothing lists all', () => {
  expect(asked('3', 'show-code')).toEqual({ action: 'show-code', car: '3' });
  expect(asked('show-code', '3')).toEqual({ action: 'show-code', car: '3' });
  expect(asked('veh-abc')).toEqual({ action: 'status', car: 'veh-abc' });
  expect(asked()).toEqual({ action: 'list' });
  expect(asked('list')).toEqual({ action: 'list' });
  expect(asked('--help')).toBe('help');
  expect(parseCarOptions(['--state', 'elsewhere', '--json'], '/home')).toMatchObject({
    ...{ stateDirectory: '/home/elsewhere', json: true },
  });
});

test.each([
  [['1', 'fly'], /"fly" is nothing that a car can do.*show-code/],
  [['show-code'], /Which car\?.*CAR show-code/],
  [['1', 'offline', 'online'], /One at a time/],
  [['--sate', 'x'], /--sate/],
])('says what is wrong with %j', (argv, message) => {
  expect(() => parseCarOptions(argv, '/home')).toThrow(message);
});
