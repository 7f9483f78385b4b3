import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { cloudAssembly } from '#local/assembly.ts';
import { assetDirectory, readAssembly } from '#local/template/assembly.ts';

const functionSchema = z.object({
  FunctionName: z.string(),
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

interface Deployed {
  readonly name: string;
  readonly given: readonly string[];
  readonly threads: unknown;
  readonly code: string;
}

let functions: readonly Deployed[] = [];
beforeAll(async () => {
  const directory = await cloudAssembly(() => {});
  functions = readAssembly(directory)
    .flatMap(({ template }) => Object.values(template.Resources))
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => {
      const { FunctionName: name, Code, Environment } = functionSchema.parse(Properties);
      const code = readFileSync(join(assetDirectory(directory, Code.S3Key), 'index.mjs'), 'utf8');
      const { UV_THREADPOOL_SIZE: threads, ...given } = Environment.Variables;
      return { name, given: Object.keys(given), threads, code };
    });
}, 180_000);

/** A bundle names what it asks for: what it does not use was left out of it. */
test('no function asks for a setting that the template gives to others alone', () => {
  const settings = new Set(functions.flatMap(({ given }) => given));
  expect(settings.size).toBeGreaterThan(30);
  const missing = functions.flatMap(({ name, given, code }) =>
    [...settings]
      .filter((setting) => !given.includes(setting) && new RegExp(`["'\`]${setting}["'\`]`).test(code))
      .map((setting) => `${name}: ${setting}`),
  );
  expect(missing).toEqual([]);
});

test('who calls servers of strangers all day has threads for many of their names, whose servers may hang', () => {
  const many = functions.filter(({ threads }) => threads === '64').map(({ name }) => name);
  expect(many.sort()).toEqual(['fleetloom-dev-partner-looks', 'fleetloom-dev-webhooks-sent']);
});

test('the SDK of hubs, which weighs more than most functions, stands in the two bundles that speak with hubs', () => {
  const carrying = functions.filter(({ code }) => code.includes('azure-iothub')).map(({ name }) => name);
  expect(carrying.sort()).toEqual(['fleetloom-dev-hub-asked', 'fleetloom-dev-hub-told']);
});
