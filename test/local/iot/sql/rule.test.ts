import { describe, expect, test } from 'vitest';
import { compileRule } from '#local/iot/sql/rule.ts';
import { SqlError } from '#local/iot/sql/sql-error.ts';
import { message } from './message.ts';

function run(sql: string, payload?: unknown) {
  const result = compileRule(sql).run(message(payload));
  return result.fired ? result.output : 'did not fire';
}

describe('what a rule hands on', () => {
  const sensors = {
    e: [
      { n: 'temperature', u: 'Cel', v: 22.5 },
      { n: 'light', u: 'lm', v: 135 },
    ],
  };
  test.each<[string, unknown, unknown]>([
    ["SELECT * FROM 'a'", { color: 'red', n: null }, { color: 'red', n: null }],
    ["SELECT * FROM 'a'", [1, 2], [1, 2]],
    ["SELECT color FROM 'a'", { color: 'red', temperature: 50 }, { color: 'red' }],
    ["select color as my_color from 'a'", { color: 'red' }, { my_color: 'red' }],
    ["SELECT *, 15 AS speed FROM 'a'", { color: 'red' }, { color: 'red', speed: 15 }],
    ["SELECT *, 'blue' AS color FROM 'a'", { color: 'red' }, { color: 'blue' }],
    ["SELECT VALUE color FROM 'a'", { color: 'red' }, 'red'],
    ["SELECT VALUE [color, 2] FROM 'a'", { color: 'red' }, ['red', 2]],
    ["SELECT VALUE missing FROM 'a'", { color: 'red' }, 'did not fire'],
    ["SELECT value FROM 'a'", { value: 3 }, { value: 3 }],
    ["SELECT value AS v, value.x AS x FROM 'a'", { value: { x: 1 } }, { v: { x: 1 }, x: 1 }],
    ["SELECT color.red AS red_value FROM 'a'", { color: { red: 255 } }, { red_value: 255 }],
    ["SELECT color.red FROM 'a'", { color: { red: 255 } }, { red: 255 }],
    ["SELECT foo.bar AS bar.baz, 1 AS bar.one FROM 'a'", { foo: { bar: 7 } }, { bar: { baz: 7, one: 1 } }],
    ["SELECT (temperature - 32) * 5 / 9 AS celsius FROM 'a'", { temperature: 50 }, { celsius: 10 }],
    ["SELECT missing, n FROM 'a'", { n: null }, { n: null }],
    ["SELECT {'a': {'b': x}, 'gone': y} AS o FROM 'a'", { x: 1 }, { o: { a: { b: 1 } } }],
    ["SELECT (SELECT VALUE n FROM e) AS sensors FROM 'a'", sensors, { sensors: ['temperature', 'light'] }],
    ["SELECT (SELECT v FROM e WHERE n = 'temperature') AS t FROM 'a'", sensors, { t: [{ v: 22.5 }] }],
    ["SELECT get((SELECT v FROM e WHERE n = 'temperature'), 0).v AS t FROM 'a'", sensors, { t: 22.5 }],
    ["SELECT (SELECT * FROM missing) AS t, 1 AS one FROM 'a'", sensors, { one: 1 }],
    ["SELECT CASE c WHEN 'x' THEN 1 WHEN 'y' THEN 2 ELSE 3 END AS r FROM 'a'", { c: 'y' }, { r: 2 }],
    ["SELECT CASE c WHEN 'x' THEN 1 END AS r FROM 'a'", { c: 'y' }, {}],
    ["SELECT CASE c WHEN 'x' THEN 1 ELSE 3 END AS r FROM 'a'", {}, {}],
    [
      "SELECT decode(x, 'base64').temperature AS temp FROM 'a'",
      { x: 'eyAidGVtcGVyYXR1cmUiOiAzMyB9Cg==' },
      { temp: 33 },
    ],
  ])('%s over %j is %j', (sql, payload, output) => {
    expect(run(sql, payload)).toEqual(output);
  });

  test('the envelope of telemetry holds the bytes, the time and the vehicle of the topic', () => {
    const sql =
      "SELECT encode(*, 'base64') AS payload, timestamp() AS receivedAt, topic(2) AS vehicleId FROM 'vehicles/+/telemetry'";
    const bytes = Buffer.from([0xff, 0x00, 0x7b]);
    expect(run(sql, bytes)).toEqual({
      payload: bytes.toString('base64'),
      receivedAt: 1_700_000_000_123,
      vehicleId: 'veh-1',
    });
  });

  test('the bytes of a JSON payload are encoded as they came, spaces and all', () => {
    const text = '{ "a" : 1.0 }';
    expect(run("SELECT encode(*, 'base64') AS p FROM 'a'", text)).toEqual({ p: Buffer.from(text).toString('base64') });
  });

  test('bytes that are no JSON pass through a bare * unchanged', () => {
    const bytes = Buffer.from([1, 2, 0xff]);
    expect(run("SELECT * FROM 'a' WHERE timestamp() > 0", bytes)).toBe(bytes);
  });

  test('fields of bytes that are no JSON are Undefined', () => {
    expect(run("SELECT color, topic(1) AS t FROM 'a'", Buffer.from([0xff]))).toEqual({ t: 'vehicles' });
    expect(run("SELECT * FROM 'a' WHERE color = 'red'", Buffer.from([0xff]))).toBe('did not fire');
  });

  test('broken UTF-8 inside a JSON text is not JSON', () => {
    expect(run("SELECT a FROM 'a'", Buffer.from('{"a":"\xff"}', 'latin1'))).toEqual({});
  });
});

describe('when a rule fires', () => {
  test.each<[string, boolean]>([
    ['temperature > 50 AND color <> "red"', false],
    ['temperature > 39 AND color = "red"', true],
    ['flag', true],
    ['NOT flag', false],
    ['missing = 1', false],
    ['NOT (missing = 1)', false],
    ['missing <> 1', false],
    ['isUndefined(missing)', true],
    ['nothing = null', true],
    ['temperature', false],
    ['temperature = "40"', false],
    ['temperature >= "40"', true],
    ['NOT color = "blue" AND temperature + 2 * 3 = 46', true],
    ['color = "blue" OR temperature - 10 - 10 = 20', true],
  ])('WHERE %s: %s', (where, fires) => {
    const payload = { color: 'red', temperature: 40, flag: 'TRUE', nothing: null };
    expect(compileRule(`SELECT * FROM 'a' WHERE ${where}`).run(message(payload)).fired).toBe(fires);
  });

  test('the presence of a claim does not reach the registry', () => {
    const rule = compileRule("SELECT * FROM '$aws/events/presence/+/+' WHERE startswith(topic(5), 'claim-') = false");
    const connected = (clientId: string) => ({ topic: `$aws/events/presence/connected/${clientId}` });
    expect(rule.run(message({}, connected('veh-1'))).fired).toBe(true);
    expect(rule.run(message({}, connected('claim-7'))).fired).toBe(false);
  });

  test.each<[string, string, boolean]>([
    ['vehicles/+/telemetry', 'vehicles/a/telemetry', true],
    ['vehicles/+/telemetry', 'vehicles/a/b/telemetry', false],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a/', true],
    ['a/#', 'a', false],
    ['#', 'a', true],
    ['#', '$aws/things/t', false],
    ['+/things', '$aws/things', false],
    ['$aws/events/presence/+/+', '$aws/events/presence/connected/x', true],
    ['a/+', 'a/', true],
    ['a', 'A', false],
  ])('the filter %s over the topic %s: %s', (filter, topic, matches) => {
    expect(compileRule(`SELECT * FROM '${filter}'`).matches(topic)).toBe(matches);
  });

  test('without FROM a rule matches no topic: only Basic Ingest reaches it', () => {
    const rule = compileRule('SELECT * WHERE 1 = 1');
    expect(rule.from).toBeUndefined();
    expect(rule.matches('a')).toBe(false);
    expect(rule.run(message({})).fired).toBe(true);
  });
});

describe('SQL that is not understood stops the rule with the place', () => {
  test.each<[string, string]>([
    ["SELECT foo(1) AS x FROM 'a'", 'The function foo is not known (at character 8)'],
    ["SELECT aws_lambda('arn', *) AS x FROM 'a'", 'The function aws_lambda is not known (at character 8)'],
    ['SELECT * FROM a/b', 'Expected a topic filter in quotes'],
    ["SELECT * FROM 'a' GROUP BY x", "Expected the end, found 'GROUP' (at character 19)"],
    ["SELECT upper(a) FROM 'a'", 'needs a name: add AS'],
    ["SELECT upper() AS u FROM 'a'", 'upper does not take 0 arguments'],
    ["SELECT cast(a AS money) AS m FROM 'a'", 'The type money is not known'],
    ["SELECT item2.0.my FROM 'a'", 'Expected the name of a member'],
    ["SELECT encode(*, 'hex') AS x FROM 'a'", "encode knows only the scheme 'base64'"],
    ["SELECT encode(*) AS x FROM 'a'", 'encode does not take 1 arguments'],
    ["SELECT upper(*) AS x FROM 'a'", 'Expected an expression'],
    ["SELECT regexp_matches(a, 'x++') AS x FROM 'a'", 'the regular expression x++ is not understood'],
    ["SELECT * FROM 'a/#/b'", "'a/#/b' is no topic filter"],
    ["SELECT * FROM 'a+/b'", "'a+/b' is no topic filter"],
    ["SELECT * FROM 'a", 'a text without its end (at character 15)'],
    ["SELECT CASE WHEN a THEN 1 END AS x FROM 'a'", "Expected an expression, found 'WHEN'"],
    ["SELECT a, FROM 'a'", "Expected an expression, found 'FROM'"],
    ["SELECT a[0] AS x FROM 'a'", "found '['"],
    ["SELECT a AS x FROM 'a' -- why", "found '-'"],
    ["SELECT a != 1 AS x FROM 'a'", 'an unexpected !'],
    ['', 'Expected SELECT, found the end'],
  ])('%s', (sql, reason) => {
    expect(() => compileRule(sql)).toThrow(SqlError);
    expect(() => compileRule(sql)).toThrow(reason);
  });
});
