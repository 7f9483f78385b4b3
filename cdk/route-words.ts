import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const routes = /(?:functions[\\/]api[\\/](?:routes[\\/][\w-]+|schemas)|shared[\\/]partners[\\/]tomp[\\/][\w-]+)\.ts$/;
/** As the formatter writes them: a literal in one line, perhaps the one below. */
const words = /\b(?:summary|description):\s*'(?:[^'\\\n]|\\.)*'(?:,|(?=\s*\}))/g;
/** In one line, or down to the bracket that stands below the beginning of its first line. */
const replies = /^( *)((?:const )?replies(?:: | = ))\{(?:.*\}|\n[\s\S]*?^\1\})(?=[,;]$)/gm;
const problems = /^( *)(problems: )\[(?:.*\]|\n[\s\S]*?^\1\])(?=,$)/gm;
/** Whatever makes a schema does nothing else: where nothing is made of the schema, it may go. */
const schemaCall = /(?<![\w.'`]|function )(?=(?:z\.\w+|as|instant|pageOf|text)\()/g;

/**
 * Leaves out of the API's bundle what its routes say of themselves and of their answers: the description of the API is
 * written down when it is built (`openapi.json`), and nothing reads it when a request comes. With the answers go the
 * schemas that no request is parsed by. Some 60 KB.
 */
export const withoutRouteWords: Plugin = {
  name: 'without-route-words',
  setup(build) {
    build.onLoad({ filter: routes }, async ({ path }) => ({
      contents: withoutWords(await readFile(path, 'utf8')),
      loader: 'ts',
    }));
  },
};

function withoutWords(source: string): string {
  return source
    .replaceAll(replies, '$1$2{}')
    .replaceAll(problems, '$1$2[]')
    .replaceAll(words, '')
    .replaceAll(schemaCall, '/* @__PURE__ */ ');
}
