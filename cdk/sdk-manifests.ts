import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const manifests = /@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/;

/** A client of the SDK asks its manifest for its version, and esbuild takes all of it along: 2 KB a client. */
export const leanManifests: Plugin = {
  name: 'lean-manifests',
  setup(build) {
    build.onLoad({ filter: manifests }, async ({ path }) => {
      const { version }: { version?: unknown } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};
