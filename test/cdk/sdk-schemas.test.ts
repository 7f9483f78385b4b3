import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { expect, test } from 'vitest';
import { droppableSchemas } from '#cdk/sdk-schemas.ts';

function schemasOf(client: string): string {
  const path = `../../node_modules/@aws-sdk/client-${client}/dist-es/schemas/schemas_0.js`;
  return fileURLToPath(new URL(path, import.meta.url));
}

async function bundled(contents: string, plugins: Plugin[]): Promise<string> {
  const stdin = { contents, resolveDir: '/' };
  const { outputFiles } = await build({
    ...{ stdin, plugins, bundle: true, minifySyntax: true, write: false },
    ...{ format: 'esm', platform: 'node' },
  });
  return outputFiles[0]?.text ?? '';
}

/** All that the schemas of a client say. Structures refer to each other by functions. */
async function saidBy(client: string, plugins: Plugin[]): Promise<string> {
  const code = await bundled(`export * from '${schemasOf(client)}';`, plugins);
  const module: object = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  return JSON.stringify({ ...module }, (_, value: unknown) => (typeof value === 'function' ? String(value()) : value));
}

test.each(['s3', 'iot', 'dynamodb', 'sqs'])('what can be dropped of %s says what it said before', async (client) => {
  expect(await saidBy(client, [droppableSchemas])).toBe(await saidBy(client, []));
});

test('of a client with many operations the schemas that nobody uses are dropped', async () => {
  const use = `import { GetObject$ } from '${schemasOf('s3')}'; globalThis.used = GetObject$;`;
  const [asIs, droppable] = [await bundled(use, []), await bundled(use, [droppableSchemas])];
  expect(asIs).toContain('GetBucketAnalyticsConfiguration');
  expect(droppable).toContain('GetObjectOutput');
  expect(droppable).not.toContain('GetBucketAnalyticsConfiguration');
});
