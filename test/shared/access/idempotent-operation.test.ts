import { describe, expect, test } from 'vitest';
import { begin, freshOperation, leaseTime, memoryTime } from '#shared/access/idempotent-operation.ts';
import { roles } from '#shared/access/roles.ts';
import { scopesOfToken } from '#shared/access/scopes.ts';

const request = { clientId: 'client', key: 'key', fingerprint: 'f' };
const first = freshOperation(request, 'first', 0);
const answer = { status: 201, headers: {}, body: '{}' };

describe('a request with an Idempotency-Key', () => {
  test('given a new key, runs', () => {
    expect(begin(undefined, first, 0)).toEqual({ kind: 'run', operation: first, resumed: false });
  });

  test('given its answer is known, is answered with it', () => {
    expect(begin({ ...first, answer }, freshOperation(request, 'second', 5), 5)).toEqual({ kind: 'repeat', answer });
  });

  test('given another request had the key, is refused, running or not', () => {
    const other = freshOperation({ ...request, fingerprint: 'g' }, 'second', 5);
    for (const known of [first, { ...first, answer }]) {
      expect(() => begin(known, other, 5)).toThrow(expect.objectContaining({ kind: 'unacceptable' }));
    }
  });

  test('given the first run is believed to be alive, has to come again, and is told when', () => {
    const act = () => begin(first, freshOperation(request, 'second', 1000), 1000);
    expect(act).toThrow(expect.objectContaining({ kind: 'conflict', retryAfter: 29 }));
  });

  test('given the first run died, carries on under its id and with its time', () => {
    const begun = begin(first, freshOperation(request, 'second', leaseTime), leaseTime);
    expect(begun).toMatchObject({
      ...{ kind: 'run', resumed: true },
      operation: { operationId: 'first', startedAt: 0, leaseUntil: 2 * leaseTime },
    });
  });

  test('given a lease from a future that the clock was set back from, carries on', () => {
    const future = freshOperation(request, 'first', 3_600_000);
    expect(begin(future, freshOperation(request, 'second', 5), 5)).toMatchObject({ kind: 'run', resumed: true });
  });

  test('given a day has passed, is a new one', () => {
    const later = freshOperation(request, 'second', memoryTime);
    expect(begin({ ...first, answer }, later, memoryTime)).toEqual({
      ...{ kind: 'run', operation: later, resumed: false },
    });
  });
});

test('of a token’s scopes, those of other resource servers say nothing', () => {
  expect(scopesOfToken('fleetloom/read_vehicles other/manage_vehicles manage_vehicles fleetloom/x')).toEqual(
    new Set(['read_vehicles']),
  );
});

test('nobody is let in nowhere, and the reader changes nothing', () => {
  const scopes = Object.fromEntries(roles.map((role) => [role.name, role.scopes]));
  expect(scopes['nobody']).toEqual(['none']);
  expect(scopes['reader']?.every((scope) => scope.startsWith('read_'))).toBe(true);
});
