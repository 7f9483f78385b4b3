import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeArm } from '#cdk/arm.ts';
import { findingsIn } from '#cdk/azure/template-check.ts';
import cdkJson from '../../cdk.json' with { type: 'json' };

const output = mkdtempSync(join(tmpdir(), 'fleetloom-arm-'));
afterAll(() => rmSync(output, { recursive: true }));

function arm(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = writeArm([...args, '--output', output], cdkJson.context, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { status, out, err };
}

const home = { name: 'vw-weu', brands: ['audi'], hub: 'fleetloom-dev-weu.azure-devices.net' };

test('each home gets its template, before anybody knows what the first deployment will say', () => {
  const file = join(output, 'azure', 'vw-weu.template.json');
  expect(arm('-c', `homes=${JSON.stringify([home])}`)).toEqual({ status: 0, out: [file], err: [] });
  expect(findingsIn(JSON.parse(readFileSync(file, 'utf8')))).toEqual([]);
});

test.each([
  ['no homes', [], 'The settings have no homes beside AWS IoT, so there is nothing to write (docs/azure.md, step 1).'],
  ['an empty word', ['-c', 'homes='], /^The settings have no homes/],
  ['no JSON', ['-c', 'homes=['], '--context homes must be a list as JSON; it is ['],
  ['no pair', ['-c', 'homes'], '--context wants key=value, not "homes"'],
  ['a home without brands', ['-c', 'homes=[{"name":"x"}]'], 'Context "homes.brands" must be a list of slugs'],
  [
    'a brand of nobody',
    ['-c', `homes=${JSON.stringify([{ ...home, brands: ['lada'] }])}`],
    /names no brand .* "lada"$/,
  ],
  ['an option that is none', ['--stage', 'prod'], /'--stage'/],
])('%s: one sentence says what is wrong, and the shell hears of it', (_, args, sentence) => {
  const said = typeof sentence === 'string' ? sentence : expect.stringMatching(sentence);
  expect(arm(...args)).toEqual({ status: 1, out: [], err: [said] });
});
