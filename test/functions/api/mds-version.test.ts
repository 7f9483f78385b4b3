import { expect, test } from 'vitest';
import { requireMdsVersion } from '#functions/api/mds-version.ts';

const mds = 'application/vnd.mds+json';

test.each([
  ...[
    undefined,
    '*/*',
    'application/*;q=0.1',
    `${mds};version=2.0`,
    `${mds}; version="2.0"`,
    `${mds.toUpperCase()};version=2.0`,
  ],
  `${mds};version=3.0, ${mds};version=2.0;q=0.5`,
])('%s is answered by the version that is there', (accept) => {
  expect(() => requireMdsVersion(accept)).not.toThrow();
});

test.each([
  ...[mds, `${mds};version=0.2`, `${mds};version=2`, `${mds};version=2.0.0`, `${mds};version=2.1`],
  ...['application/json', 'text/html', '', '*/*;q=0', `${mds};version=2.0;q=0.0`],
])('%s is refused, and told which there is', (accept) => {
  expect(() => requireMdsVersion(accept)).toThrow(
    expect.objectContaining({ resolution: `Send Accept: ${mds};version=2.0.` }),
  );
});
