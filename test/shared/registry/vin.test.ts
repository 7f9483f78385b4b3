import fc from 'fast-check';
import { expect, test } from 'vitest';
import { carriesCheckDigit, checkDigit, isVin, vinFault } from '#shared/registry/vin.ts';

const characters = fc.constantFrom(...'ABCDEFGHJKLMNPRSTUVWXYZ0123456789');
const bodies = fc.array(characters, { minLength: 17, maxLength: 17 }).map((all) => all.join(''));

test.each(['1M8GDM9AXKP042788', '11111111111111111'])('%s has the right check digit', (vin) => {
  expect(vinFault(vin)).toBeUndefined();
});

test('with its check digit put in, every VIN of North America and China is one, and with any other none', () => {
  fc.assert(
    fc.property(bodies, fc.constantFrom('1', '2', '3', '4', '5', 'L'), characters, (body, region, other) => {
      const text = region + body.slice(1);
      const right = checkDigit(text);
      expect(isVin(text.slice(0, 8) + right + text.slice(9))).toBe(true);
      expect(isVin(text.slice(0, 8) + other + text.slice(9))).toBe(other === right);
    }),
  );
});

test('elsewhere the ninth place is free', () => {
  fc.assert(
    fc.property(
      bodies.filter((body) => !carriesCheckDigit(body)),
      (body) => {
        expect(isVin(body)).toBe(true);
      },
    ),
  );
});

test('I, O and Q occur in no VIN, in whatever place', () => {
  fc.assert(
    fc.property(bodies, fc.nat({ max: 16 }), fc.constantFrom('I', 'O', 'Q'), (body, place, letter) => {
      expect(vinFault(body.slice(0, place) + letter + body.slice(place + 1))).toMatch(/I, O or Q/);
    }),
  );
});

test.each(['', 'WVWZZZE1ZMP00001', 'WVWZZZE1ZMP0000011', 'wvwzzze1zmp000001', 'WVWZZZE1ZMP00000 '])(
  '"%s" is none',
  (text) => {
    expect(isVin(text)).toBe(false);
  },
);
