import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { App } from 'aws-cdk-lib';
import { homeTemplates } from './azure/home-template.ts';
import { findingsIn } from './azure/template-check.ts';
import { settingsFrom } from './settings.ts';

interface Voice {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/**
 * `npm run arm` writes `cdk.out/azure/<home>.template.json` for each home of the settings, checked without Azure.
 * `--context key=value` says what `cdk.json` does not, as for the CDK's own command line.
 *
 * @returns the exit status; 0: every home has its template, and there is at least one
 */
export function writeArm(
  args: readonly string[],
  context: Readonly<Record<string, unknown>>,
  { out, err }: Voice,
): 0 | 1 {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { context: { type: 'string', short: 'c', multiple: true }, output: { type: 'string', short: 'o' } },
    });
    const templates = templatesFor({ ...context, ...said(values.context ?? []) });
    const findings = [...templates].flatMap(([name, one]) => findingsIn(one).map((finding) => `${name}: ${finding}`));
    for (const finding of findings) err(finding);
    if (findings.length > 0) return 1;
    const directory = join(values.output ?? 'cdk.out', 'azure');
    mkdirSync(directory, { recursive: true });
    for (const [name, template] of templates) {
      const file = join(directory, `${name}.template.json`);
      writeFileSync(file, `${JSON.stringify(template, undefined, 2)}\n`);
      out(file);
    }
    return 0;
  } catch (error) {
    err(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

function templatesFor(context: Readonly<Record<string, unknown>>) {
  const settings = settingsFrom(new App({ analyticsReporting: false, context: withUnknowns(context) }).node);
  // Who asks for templates goes on to deploy one: it must not be one of last week's.
  if (settings.homes.length === 0) {
    throw new Error('The settings have no homes beside AWS IoT, so there is nothing to write (docs/azure.md, step 1).');
  }
  return homeTemplates(settings);
}

function said(pairs: readonly string[]): Readonly<Record<string, string>> {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new Error(`--context wants key=value, not "${pair}"`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

/** What the first deployment says cannot stand in the settings before it, and no template holds it. */
function withUnknowns(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const unknown = '00000000-0000-0000-0000-000000000000';
  const { homes } = given;
  const list: unknown = typeof homes === 'string' && homes !== '' ? listIn(homes) : homes;
  if (!Array.isArray(list)) return given;
  const known = list.map((home: object) => ({ scope: '0ne00000000', tenantId: unknown, clientId: unknown, ...home }));
  return { ...given, homes: known };
}

function listIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`--context homes must be a list as JSON; it is ${text}`, { cause });
  }
}
