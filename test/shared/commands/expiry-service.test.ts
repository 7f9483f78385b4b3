import { describe, expect, test } from 'vitest';
import type { AuditRecord } from '#shared/audit/audit-record.ts';
import { type Command, expiryGuard, isFinal } from '#shared/commands/command.ts';
import type { ExpiryReminder } from '#shared/commands/command-channel.ts';
import type { CommandRepository } from '#shared/commands/command-repository.ts';
import { ExpiryService } from '#shared/commands/expiry-service.ts';
import { aCommand } from '../../contract/command-repository.ts';

/** A timer that, as SQS, waits fifteen minutes at most; the cloud's clock follows its reminders. */
function cloudWith(command: Command, longestWait = 900_000) {
  const table = { command };
  const time = { now: command.issuedAt };
  const reminders: { readonly reminder: ExpiryReminder; readonly at: number }[] = [];
  const never = () => Promise.reject(new Error('not part of the story'));
  const commands: CommandRepository = {
    ...{ add: never, markSent: never, finish: never, noteLateReply: never, recent: never },
    load: async () => table.command,
    async expire(_vehicleId, _commandId, expiredAt) {
      if (isFinal(table.command.state)) return false;
      table.command = { ...table.command, state: { status: 'expired', expiredAt } };
      return true;
    },
  };
  const timer = {
    async wake(reminder: ExpiryReminder, at: number, now: number) {
      reminders.push({ reminder, at: now + Math.min(at - now, longestWait) });
    },
  };
  const records: AuditRecord[] = [];
  const trail = { append: async (more: readonly AuditRecord[]) => void records.push(...more) };
  const expiries = new ExpiryService({ commands, timer, trail, clock: { now: () => time.now } });
  return { table, time, reminders, records, remind: () => expiries.remind(command.vehicleId, command.commandId) };
}

describe('a reminder', () => {
  test('of a command that lasts as long as a timer waits leaves an answer the same ten seconds', async () => {
    const brief = aCommand();
    const command = { ...brief, expiresAt: brief.issuedAt + 900_000 };
    const { time, reminders, remind } = cloudWith(command);
    time.now = command.expiresAt;
    expect(await remind()).toBe('postponed');
    const { vehicleId, commandId } = command;
    expect(reminders).toEqual([{ reminder: { vehicleId, commandId }, at: command.expiresAt + expiryGuard }]);
    time.now += expiryGuard;
    expect(await remind()).toBe('expired');
  });

  test.each([1, 10_000, 39_999, 900_000])(
    'that waits %i ms at most is followed by others until the command has ended, and ends it once',
    async (longestWait) => {
      const command = aCommand();
      const { table, time, reminders, remind } = cloudWith(command, longestWait);
      time.now = command.expiresAt + expiryGuard - 20;
      let result = await remind();
      while (result === 'postponed') {
        time.now = reminders.at(-1)?.at ?? 0;
        result = await remind();
      }
      expect(result).toBe('expired');
      const expiredAt = command.expiresAt + expiryGuard;
      expect(table.command.state).toEqual({ status: 'expired', expiredAt });
      expect(await remind()).toBe('settled');
    },
  );

  test('of a command from a future that the clock was set back from ends it at once', async () => {
    const command = aCommand();
    const { time, remind } = cloudWith(command);
    time.now = command.issuedAt - 24 * 3_600_000;
    expect(await remind()).toBe('expired');
  });

  test('of a command that was answered sets no other', async () => {
    const { table, reminders, remind } = cloudWith(aCommand());
    table.command = { ...table.command, state: { status: 'succeeded', completedAt: 1 } };
    expect(await remind()).toBe('settled');
    expect(reminders).toEqual([]);
  });
});

describe('the end of a command', () => {
  test('stands in the audit once, however often the reminder comes, with the vehicle that answered', async () => {
    const command = aCommand();
    const completedAt = command.issuedAt + 500;
    const { table, records, remind } = cloudWith({ ...command, state: { status: 'succeeded', completedAt } });
    await remind();
    await remind();
    expect(table.command.state.status).toBe('succeeded');
    expect(new Set(records.map((record) => JSON.stringify(record))).size).toBe(1);
    expect(records[0]).toMatchObject({
      ...{ action: 'command.succeeded', outcome: 'done', at: completedAt, requestId: command.commandId },
      actor: { kind: 'vehicle', id: command.vehicleId },
    });
  });

  test('by time is the platform’s own, and is written also where the function died after it', async () => {
    const command = aCommand();
    const { time, records, remind } = cloudWith(command);
    time.now = command.expiresAt + expiryGuard;
    await remind();
    const [first] = records.splice(0);
    time.now += 60_000;
    await remind();
    expect(first).toMatchObject({ action: 'command.expired', outcome: 'failed', actor: { kind: 'platform' } });
    expect(records).toEqual([first]);
  });

  test('is dated within the command’s own time, whatever the vehicle’s clock says', async () => {
    const command = aCommand();
    const { records, remind } = cloudWith({
      ...command,
      state: { status: 'succeeded', completedAt: 253_402_300_799_999 },
    });
    await remind();
    expect(records[0]?.at).toBe(command.expiresAt + expiryGuard);
  });
});
