import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import cdkJson from '../cdk.json' with { type: 'json' };
import { lossesBetween, parseTemplate, withoutAssetHashes } from './baseline.ts';
import { bundle, functionsDirectory } from './bundle.ts';
import { fleetloom } from './fleetloom.ts';

/**
 * `npm run baseline:check` names what a deployment of stage dev would replace, remove or lay bare, compared
 * with the committed templates; `npm run baseline` accepts the present ones.
 */
const directory = fileURLToPath(new URL('baseline', import.meta.url));
const ending = '.template.json';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function templatesNow(): Promise<ReadonlyMap<string, string>> {
  if (process.env['FLEETLOOM_BUNDLED'] !== '1') await bundle();
  process.env['CDK_VALIDATION'] = 'false';
  const outdir = mkdtempSync(join(tmpdir(), 'fleetloom-baseline-'));
  try {
    const app = new App({ analyticsReporting: false, context: cdkJson.context, outdir });
    fleetloom(app, functionsDirectory);
    app.synth();
    const files = readdirSync(outdir).filter((file) => file.endsWith(ending));
    return new Map(
      files.map((file) => [basename(file, ending), withoutAssetHashes(readFileSync(join(outdir, file), 'utf8'))]),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

async function accept(): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  for (const [stack, template] of await templatesNow()) {
    writeFileSync(join(directory, `${stack}${ending}`), `${template.trimEnd()}\n`);
    say(`${stack}: accepted`);
  }
}

async function check(): Promise<void> {
  const now = await templatesNow();
  const known = existsSync(directory) ? readdirSync(directory).map((file) => basename(file, ending)) : [];
  let losses = 0;
  for (const stack of new Set([...known, ...now.keys()])) {
    const file = join(directory, `${stack}${ending}`);
    const baseline = existsSync(file) ? readFileSync(file, 'utf8') : '{"Resources":{}}';
    const found = lossesBetween(parseTemplate(baseline), parseTemplate(now.get(stack) ?? '{"Resources":{}}'));
    for (const { kind, logicalId, type, detail } of found) say(`${stack}: ${logicalId} (${type}) ${kind}: ${detail}`);
    if (found.length === 0) say(`${stack}: nothing that lasts is replaced, removed or laid bare`);
    losses += found.length;
  }
  if (losses > 0) {
    say('If this is meant (and the data has been moved), accept it: npm run baseline');
    process.exitCode = 1;
  }
}

const command = process.argv[2];
if (command === 'accept') await accept();
else if (command === 'check') await check();
else throw new Error('Say accept or check');
