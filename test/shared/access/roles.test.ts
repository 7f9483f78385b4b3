import { expect, test } from 'vitest';
import { roles } from '#shared/access/roles.ts';
import { scopeNames } from '#shared/access/scopes.ts';

const scopesOf = (name: string) => roles.find((role) => role.name === name)?.scopes ?? [];

test('a partner that only looks does not see what other partners’ clients did', () => {
  expect(scopesOf('reader')).not.toContain('read_audit');
  expect(scopesOf('reader')).toContain('read_vehicles');
  expect(scopesOf('operator')).toEqual(scopeNames.filter((scope) => scope !== 'none'));
});

test('who serves a sharing service from outside sees what its operators let them see, and does one thing', () => {
  const outside = ['city', 'mobility-app', 'accountant', 'field-crew'];
  expect(roles.filter(({ name }) => outside.includes(name)).map(({ brands }) => brands)).toEqual([[], [], [], []]);
  const changing = outside.flatMap(scopesOf).filter((scope) => !scope.startsWith('read_'));
  expect(changing).toEqual(['book_for_customers', 'manage_webhooks', 'work_in_field']);
  expect(scopesOf('reader').filter((scope) => ['read_accounts', 'read_mobility_data'].includes(scope))).toEqual([]);
});
