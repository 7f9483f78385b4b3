import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const schemas = /client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/;

/**
 * Lets esbuild drop the SDK's schemas of the operations that a function does not call: some 100 KB a client with many.
 * They are written as `{ [_hH]: _xae }` with `const _hH = "httpHeader"`, and esbuild keeps whatever has a computed
 * key, because making a key of a value may run code. With the key written out nothing is left that could.
 */
export const droppableSchemas: Plugin = {
  name: 'droppable-schemas',
  setup(build) {
    build.onLoad({ filter: schemas }, async ({ path }) => ({
      contents: withKeysWrittenOut(await readFile(path, 'utf8')),
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
