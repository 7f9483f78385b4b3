import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const schemas = /client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/;

/**
 * Errors of which a client's functions ask `instanceof`, where the client has too many others. An error without a class
 * of its own keeps its name, message and status, in the class of the service's exceptions; retries look at those.
 */
export const namedErrors: Readonly<Record<string, readonly string[]>> = {
  'cognito-identity-provider': ['UserNotFoundException'],
  dynamodb: ['ConditionalCheckFailedException', 'TransactionCanceledException'],
  eventbridge: [],
  iot: [
    ...['DeleteConflictException', 'InvalidRequestException', 'ResourceAlreadyExistsException'],
    ...['ResourceNotFoundException', 'VersionConflictException'],
  ],
  'iot-data-plane': [
    ...['ConflictException', 'InvalidRequestException', 'RequestEntityTooLargeException', 'ResourceNotFoundException'],
  ],
  kms: [],
  lambda: ['TooManyRequestsException'],
  s3: ['S3ServiceException'],
  sqs: [],
};

/**
 * Lets esbuild drop the SDK's schemas of the operations that a function does not call: some 100 KB a client with many.
 * They are written as `{ [_hH]: _xae }` with `const _hH = "httpHeader"`, and esbuild keeps whatever has a computed
 * key, because making a key of a value may run code. With the key written out nothing is left that could.
 */
export const droppableSchemas: Plugin = {
  name: 'droppable-schemas',
  setup(build) {
    build.onLoad({ filter: schemas }, async ({ path }) => ({
      contents: withNamedErrors(withKeysWrittenOut(await readFile(path, 'utf8')), path),
      loader: 'js',
    }));
  },
};

function withKeysWrittenOut(source: string): string {
  const names = new Map(
    [...source.matchAll(/^const (\w+) = ("[^"\n]*");$/gm)].map(([, name = '', text = '']) => [name, text]),
  );
  return source.replaceAll(/\[(\w+)\]:/g, (whole, name: string) => {
    const text = names.get(name);
    return text === undefined ? whole : `${text}:`;
  });
}

function withNamedErrors(source: string, path: string): string {
  const [, client = ''] = /client-([\w-]+)[\\/]/.exec(path) ?? [];
  const named = namedErrors[client];
  if (named === undefined) return source;
  return source.replaceAll(/^n0_registry\.registerError\(\w+\$, (\w+)\);$/gm, (whole, name: string) =>
    named.includes(name) ? whole : '',
  );
}
