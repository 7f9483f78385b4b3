import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describedProblems } from '#functions/api/problem-catalogue.ts';
import { transportProblems } from '#functions/api/problems.ts';
import type { FailureKind } from '#shared/kernel/failure.ts';
import { campaignStatuses } from '#shared/ota/campaigns/campaign.ts';
import { findingCodes } from '#shared/sharing/setup/finding.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const statuses: Readonly<Record<string, number>> = {
  invalid: 400,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  stale: 412,
  'too-large': 413,
  unacceptable: 422,
  throttled: 429,
  unavailable: 503,
} satisfies Record<FailureKind, number>;

interface Thrown {
  readonly file: string;
  readonly status: number | undefined;
  readonly code: string;
}

/** What the sources write where they make a `Failure`. */
const thrown: readonly Thrown[] = ['shared', 'functions']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((file) => file.endsWith('.ts') && file !== 'shared/kernel/failure.ts')
  .flatMap((file) => thrownIn(file, readFileSync(join(root, file), 'utf8')));

function thrownIn(file: string, source: string): Thrown[] {
  return [...source.matchAll(/new Failure\(\s*([^,]+),\s*([^,]+),/g)].flatMap(([, kind = '', code = '']) => {
    if (kind === 'kind' && code === 'code') return fromTable(file, source);
    // What was thrown in another function, and is thrown on.
    if (file === 'functions/adapters/azure-iot-hub/hub-calls.ts') return [];
    const status = statuses[kind.slice(1, -1)];
    return codes(code).map((each) => ({ file, status, code: each }));
  });
}

/** `path: ['not-found', 'not-found', …`: the kinds and codes of what is wrong with a part of a request. */
function fromTable(file: string, source: string): Thrown[] {
  return [...source.matchAll(/: \['([a-z-]+)', '([a-z-]+)', '/g)].map(([, kind = '', code = '']) => ({
    ...{ file, code },
    status: statuses[kind],
  }));
}

function codes(code: string): readonly string[] {
  if (code.startsWith('`vehicle-${'))
    return ['expected', 'provisioned', 'suspended', 'retired'].map((is) => `vehicle-${is}`);
  if (code.startsWith('`campaign-${')) return campaignStatuses.map((is) => `campaign-${is}`);
  if (code === 'first.code') return findingCodes;
  expect(code).toMatch(/^'[a-z-]+'$/);
  return [code.slice(1, -1)];
}

test('every code that is thrown anywhere is described, with the status that its kind has', () => {
  expect(thrown.length).toBeGreaterThan(30);
  for (const { file, status, code } of thrown) {
    const described = describedProblems.find((problem) => problem.code === code);
    expect({ file, code, status: described?.status }).toEqual({ file, code, status });
  }
});

test('no code is described that nobody throws, and none twice', () => {
  const known = new Set<string>([
    ...thrown.map(({ code }) => code),
    ...Object.values(transportProblems).map(({ code }) => code),
  ]);
  expect(describedProblems.map(({ code }) => code).sort()).toEqual([...known].sort());
});
