import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { App } from 'aws-cdk-lib';
import cdkJson from '../cdk.json' with { type: 'json' };
import { homeTemplates } from './azure/home-template.ts';
import { findingsIn } from './azure/template-check.ts';
import { settingsFrom } from './settings.ts';

/**
 * `npm run arm` writes `cdk.out/azure/<home>.template.json` for each home of the settings, checked without Azure.
 * `--context key=value` says what `cdk.json` does not, as for the CDK's own command line.
 */
const { values } = parseArgs({
  options: { context: { type: 'string', short: 'c', multiple: true }, output: { type: 'string', short: 'o' } },
});
const said = (values.context ?? []).map((pair) => {
  const at = pair.indexOf('=');
  if (at < 1) throw new Error(`--context wants key=value, not "${pair}"`);
  return [pair.slice(0, at), pair.slice(at + 1)] as const;
});
const context = { ...cdkJson.context, ...Object.fromEntries(said) };
const directory = join(values.output ?? 'cdk.out', 'azure');

const settings = settingsFrom(new App({ analyticsReporting: false, context: withUnknowns(context) }).node);
for (const [name, template] of homeTemplates(settings)) {
  const findings = findingsIn(template);
  for (const finding of findings) process.stderr.write(`${name}: ${finding}\n`);
  if (findings.length > 0) {
    process.exitCode = 1;
    continue;
  }
  const file = join(directory, `${name}.template.json`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, `${JSON.stringify(template, undefined, 2)}\n`);
  process.stdout.write(`${file}\n`);
}
if (settings.homes.length === 0) {
  process.stdout.write('The settings have no homes beside AWS IoT: nothing was written (docs/azure.md, step 1)\n');
}

/** What the first deployment says cannot stand in the settings before it, and no template holds it. */
function withUnknowns(given: typeof context): Readonly<Record<string, unknown>> {
  const unknown = '00000000-0000-0000-0000-000000000000';
  const { homes }: { homes: unknown } = given;
  const list: unknown = typeof homes === 'string' ? JSON.parse(homes) : homes;
  if (!Array.isArray(list)) return given;
  const known = list.map((home: object) => ({ scope: '0ne00000000', tenantId: unknown, clientId: unknown, ...home }));
  return { ...given, homes: known };
}
