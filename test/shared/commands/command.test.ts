import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandIdOf, isOverdue, requireReachable } from '#shared/commands/command.ts';
import { commandReplySchema } from '#shared/commands/command-reply.ts';
import { aCommand } from '../../contract/command-repository.ts';
import { aCertificate, anOperationId, aVehicle } from '../../contract/samples.ts';

const active = aVehicle({ lifeCycle: { status: 'active', certificate: aCertificate() } });

describe('a vehicle', () => {
  test.each([
    ['that is connected', { connected: true, since: 0 }, true],
    ['that was there ten seconds ago', { connected: false, since: 90_000 }, true],
    ['that has been gone for longer', { connected: false, since: 89_999 }, false],
    ['that has never come', { connected: false }, false],
  ])('%s: can be commanded: %s', (_, connection, reachable) => {
    const act = () => requireReachable(active, connection, 100_000);
    if (reachable) act();
    else expect(act).toThrow(expect.objectContaining({ code: 'vehicle-offline' }));
  });

  test.each(['expected', 'retired'] as const)('that is %s is not commanded, even if it seems connected', (status) => {
    const act = () => requireReachable(aVehicle({ lifeCycle: { status } }), { connected: true, since: 0 }, 0);
    expect(act).toThrow(expect.objectContaining({ code: `vehicle-${status}` }));
  });
});

test('a command is overdue from its expiry on, unless it has ended', () => {
  const command = aCommand(0);
  expect(isOverdue(command, command.expiresAt - 1)).toBe(false);
  expect(isOverdue(command, command.expiresAt)).toBe(true);
  expect(isOverdue({ ...command, state: { status: 'succeeded', completedAt: 1 } }, command.expiresAt)).toBe(false);
});

test('command ids sort by the time they were issued', () => {
  const instants = fc.integer({ min: 0, max: 2 ** 44 });
  fc.assert(
    fc.property(instants, instants, (one, other) => {
      const id = (startedAt: number) => commandIdOf({ operationId: anOperationId(), startedAt });
      fc.pre(one !== other);
      expect(id(one) < id(other)).toBe(one < other);
    }),
  );
});

test.each([
  [{ commandId: 'c', status: 'succeeded', completedAt: 1 }, true],
  [{ commandId: 'c', status: 'succeeded', completedAt: 1, battery: 12 }, true],
  [{ commandId: 'c', status: 'expired', completedAt: 1 }, false],
  [{ commandId: 'c', status: 'rejected', reason: 'Not Kebab', completedAt: 1 }, false],
  [{ status: 'succeeded', completedAt: 1 }, false],
  // No date in ISO 8601 says so: who stored it could not show the command any more.
  [{ commandId: 'c', status: 'succeeded', completedAt: Date.parse('9999-12-31T23:59:59.999Z') + 1 }, false],
])('the reply %j is understood: %s', (reply, understood) => {
  expect(commandReplySchema.safeParse(reply).success).toBe(understood);
});

test('a sentence that was cut within a character stays a sentence that every table takes', () => {
  const reply = { commandId: 'c', status: 'failed', detail: 'battery \u{1f50b}'.slice(0, 9), completedAt: 1 };
  expect(commandReplySchema.parse(reply).detail).toBe('battery \ufffd');
});
