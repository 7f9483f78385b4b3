import { expect, test } from 'vitest';
import { roles } from '#shared/access/roles.ts';
import { scopeNames } from '#shared/access/scopes.ts';

const scopesOf = (name: string) => roles.find((role) => role.name === name)?.scopes ?? [];

test('a partner that only looks does not see what other partners’ clients did', () => {
  expect(scopesOf('reader')).not.toContain('read_audit');
  expect(scopesOf('reader')).toContain('read_vehicles');
  expect(scopesOf('operator')).toEqual(scopeNames.filter((scope) => scope !== 'none'));
});
