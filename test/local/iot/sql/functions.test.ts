import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRule } from '#local/iot/sql/rule.ts';
import { message } from './message.ts';

/** The value of an expression, or 'Undefined'. */
function resultOf(expression: string, payload: unknown = {}): unknown {
  const result = compileRule(`SELECT VALUE [${expression}] FROM 'a'`).run(message(payload));
  if (!result.fired || !Array.isArray(result.output)) throw new Error('an array was expected');
  return result.output.length === 0 ? 'Undefined' : result.output[0];
}

describe('functions give what the developer guide says', () => {
  test.each<[string, unknown]>([
    ['abs(-5)', 5],
    ['accountid()', '000000000000'],
    ['acos(0)', Math.PI / 2],
    ['acos(2)', 'Undefined'],
    ['asin(0)', 0],
    ['atan2(1, 0)', Math.PI / 2],
    ['bitand(13, 5)', 5],
    ['bitor(8, 5)', 13],
    ['bitxor(13, 5)', 8],
    ['bitxor("13.9", 5)', 8],
    ['bitnot(13)', -14],
    ['cast(true AS Int)', 1],
    ['cast(2.7 AS Int)', 2],
    ['cast("5E-2" AS Decimal)', 0.05],
    ['cast("5 " AS Decimal)', 'Undefined'],
    ['cast(0 AS Boolean)', false],
    ['cast("TRUE" AS bool)', true],
    ['cast(null AS String)', 'Undefined'],
    ['cast([1,"a"] AS text)', '[1,"a"]'],
    ['ceil(1.2)', 2],
    ['ceil(-1.2)', -1],
    ['chr(65)', 'A'],
    ['chr(49)', '1'],
    ['chr(1000)', 'Undefined'],
    ['clientid()', 'veh-1'],
    ['concat()', 'Undefined'],
    ['concat(1)', 1],
    ['concat([1, 2, 3], 4)', [1, 2, 3, 4]],
    ['concat([1, 2, 3], "hello", [4, 5, 6])', [1, 2, 3, 'hello', 4, 5, 6]],
    ['concat("con", "cat")', 'concat'],
    ['concat(1, "hello")', '1hello'],
    ['concat(1, 2)', 'Undefined'],
    ['cos(0)', 1],
    ['cosh(2.3)', 5.037220649268761],
    ['encode("hi", "base64")', 'aGk='],
    ['encode(12, "base64")', 'MTI='],
    ['decode("aGk=", "base64")', 'hi'],
    ['decode("*", "base64")', null],
    ['endswith("cat","at")', true],
    ['endswith(null,"at")', 'Undefined'],
    ['floor(1.2)', 1],
    ['floor(-1.2)', -2],
    ['floor([1,2,3])', 'Undefined'],
    ['get(["a", "b", "c"], 1)', 'b'],
    ['get(["a"], 1)', 'Undefined'],
    ['get({"a":"b"}, "a")', 'b'],
    ['get({"a":"b"}, "constructor")', 'Undefined'],
    ['get("abc", 1)', 'b'],
    ['indexof("abcd", "bc")', 1],
    ['isNull(5)', false],
    ['isNull(Null)', true],
    ['isNull(missing)', false],
    ['isUndefined(floor([1,2,3]))', true],
    ['length("hi")', 2],
    ['length(false)', 5],
    ['log(100)', 2],
    ['log(0)', 'Undefined'],
    ['lower("HELLO")', 'hello'],
    ['lower(["HELLO"])', '["hello"]'],
    ['lpad("hello", 2)', '  hello'],
    ['lpad(1, 3)', '   1'],
    ['lpad(1, -3)', '1'],
    ['ltrim(" h i ")', 'h i '],
    ['md5("hello")', '5d41402abc4b2a76b9719d911017c592'],
    ['mod(8, 3)', 2],
    ['Nanvl(8, 3)', 8],
    ['nanvl(missing, 3)', 3],
    ['numbytes("€")', 3],
    ['power(2, 5)', 32],
    ['principal()', 'c0ffee'],
    ['regexp_matches("aaaa", "a{2,}")', true],
    ['regexp_matches("aaaa", "b")', false],
    ['regexp_replace("abcd", "bc", "x")', 'axd'],
    ['regexp_replace("abcd", "b(.*)d", "$1")', 'ac'],
    ['regexp_replace("abab", "b", "\\$")', 'a$a$'],
    ['regexp_replace("ab", "b", "$7")', 'Undefined'],
    ['regexp_substr("hihihello", "(hi)*")', 'hihi'],
    ['regexp_substr("hello", "x")', 'Undefined'],
    ['remainder(8, 3)', 2],
    ['replace("abcdabcd", "b", "x")', 'axcdaxcd'],
    ['round(1.5)', 2],
    ['round(-1.1)', -1],
    ['round(-1.5)', -2],
    ['rtrim(" h i ")', ' h i'],
    ['sign(-7)', -1],
    ['sinh(2.3)', 4.936961805545957],
    ['sql_version()', '2016-03-23'],
    ['sqrt(9)', 3],
    ['sqrt(-9)', 'Undefined'],
    ['startswith("ranger","ran")', true],
    ['substring("012345", 2)', '2345'],
    ['substring("012345", 2.745)', '2345'],
    ['substring(123, 2)', '3'],
    ['substring(true, 1.2)', 'rue'],
    ['substring(false, -2.411E247)', 'false'],
    ['substring("012345", 1, 3)', '12'],
    ['substring("012345", -50, 50)', '012345'],
    ['substring("012345", 3, 1)', ''],
    ['tanh(2.3)', 0.9800963962661914],
    ['timestamp()', 1_700_000_000_123],
    ['topic()', 'vehicles/veh-1/telemetry'],
    ['topic(2)', 'veh-1'],
    ['topic(0)', 'Undefined'],
    ['topic(4)', 'Undefined'],
    ['traceid()', 'trace-1'],
    ['transform("enrichArray", {"a":1}, [{"b":2}])', [{ b: 2, a: 1 }]],
    ['trim("  hi  ")', 'hi'],
    ['trunc(2.888, 2)', 2.88],
    ['trunc(-2.888)', -2],
    ['trunc(1e-7, 2)', 0],
    ['upper("hi")', 'HI'],
  ])('%s = %j', (expression, value) => {
    const actual = resultOf(expression);
    if (typeof value === 'number' && !Number.isInteger(value)) expect(actual).toBeCloseTo(value, 14);
    else expect(actual).toEqual(value);
  });

  test('newuuid() never gives the same twice', () => {
    expect(resultOf('newuuid()')).not.toBe(resultOf('newuuid()'));
  });

  test('clientid() is n/a and traceid() Undefined for a message that did not come over MQTT', () => {
    const http = message({}, { clientId: undefined, traceId: undefined });
    const result = compileRule("SELECT clientid() AS c, traceid() AS t FROM 'a'").run(http);
    expect(result).toEqual({ fired: true, output: { c: 'n/a' } });
  });
});

describe('operators', () => {
  test.each<[string, unknown]>([
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['7.5 / 2', 3.75],
    ['"7" / 2', 3.5],
    ['7 / 0', 'Undefined'],
    ['7 % 4', 3],
    ['1 + 2', 3],
    ['1 + "2"', '12'],
    ['"a" + true', 'atrue'],
    ['"a" + [1]', 'a[1]'],
    ['"a" + null', 'Undefined'],
    ['true + 1', 'Undefined'],
    ['"5" - 2', 3],
    ['"x" - 2', 'Undefined'],
    ['-"3"', -3],
    ['1 = 1.0', true],
    ['1 = "1"', false],
    ['1 <> "1"', true],
    ['null <> null', false],
    ['null = missing', 'Undefined'],
    ['[1,2] = [2,1]', false],
    ['[] = [missing]', true],
    ['{"a":1,"b":2} = {"b":2,"a":1}', true],
    ['{"a":1} = {"a":1,"b":2}', false],
    ['"true" AND true', true],
    ['1 AND true', 'Undefined'],
    ['missing OR true', 'Undefined'],
    ['"10" > 9', true],
    ['"ten" > 9', 'Undefined'],
    ['2 + 3 * 4 - 1', 13],
  ])('%s = %j', (expression, value) => {
    expect(resultOf(expression)).toEqual(value);
  });

  test('every JSON value equals itself and passes through a rule unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const same = JSON.parse(JSON.stringify(value));
        expect(resultOf('x', { x: value })).toEqual(same);
        expect(resultOf('x = y', { x: value, y: value })).toBe(true);
      }),
    );
  });

  test('bytes survive encode and decode', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const back = resultOf('decode(encode(x, "base64"), "base64")', { x: `_${text}` });
        expect(back).toBe(`_${text}`);
      }),
    );
  });
});
