import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { expect, test } from 'vitest';
import { droppableSchemas, namedErrors } from '#cdk/sdk-schemas.ts';

function schemasOf(client: string): string {
  const path = `../../node_modules/@aws-sdk/client-${client}/dist-es/schemas/schemas_0.js`;
  return fileURLToPath(new URL(path, import.meta.url));
}

async function bundled(contents: string, plugins: Plugin[]): Promise<string> {
  const stdin = { contents, resolveDir: '/' };
  const { outputFiles } = await build({
    ...{ stdin, plugins, bundle: true, minifySyntax: true, write: false },
    ...{ format: 'esm', platform: 'node', mainFields: ['module', 'main'] },
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

const functions = fileURLToPath(new URL('../../functions', import.meta.url));

test('no function asks for a class of error that was dropped', () => {
  const files = readdirSync(functions, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  for (const file of files) {
    const source = readFileSync(join(functions, file), 'utf8');
    for (const [, names = '', client = ''] of source.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g)) {
      const asked = names.match(/\b\w+Exception\b/g) ?? [];
      for (const name of asked) expect(namedErrors[client] ?? [name], file).toContain(name);
    }
  }
});

test('an error whose class was dropped keeps its name, its message and its status', async () => {
  const client = fileURLToPath(
    new URL('../../node_modules/@aws-sdk/client-cognito-identity-provider', import.meta.url),
  );
  const code = `import { CognitoIdentityProviderClient as Client, AdminGetUserCommand as Get, UserNotFoundException } from '${client}';
    export async function refused(type, status) {
      const body = new TextEncoder().encode(JSON.stringify({ __type: type, message: 'said' }));
      const requestHandler = { handle: async () => ({ response: { statusCode: status, headers: {}, body } }) };
      const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
      const asked = new Client({ region: 'eu-central-1', credentials, requestHandler, maxAttempts: 1 });
      return asked.send(new Get({ UserPoolId: 'p', Username: 'u' })).catch((error) => error);
    }
    export const isKnown = (error) => error instanceof UserNotFoundException;`;
  const bundle = await bundled(code, [droppableSchemas]);
  const { refused, isKnown } = Object(
    await import(`data:text/javascript;base64,${Buffer.from(bundle).toString('base64')}`),
  );
  const unknown = await refused('TooManyRequestsException', 400);
  expect(unknown).toMatchObject({ name: 'TooManyRequestsException', message: 'said' });
  expect([unknown.$metadata.httpStatusCode, isKnown(unknown)]).toEqual([400, false]);
  expect(isKnown(await refused('UserNotFoundException', 400))).toBe(true);
});
