import { beforeAll, expect, test } from 'vitest';
import { type Command, commandIdOf, type Outcome } from '#shared/commands/command.ts';
import type { CommandRepository } from '#shared/commands/command-repository.ts';
import { anOperationId, aVehicleId } from './samples.ts';

export function aCommand(issuedAt = 1_700_000_000_000, vehicleId = aVehicleId()): Command {
  return {
    ...{ commandId: commandIdOf({ operationId: anOperationId(), startedAt: issuedAt }), vehicleId },
    ...{ name: 'climate.start', parameters: { targetTemperature: 21.5 }, issuedBy: 'client' },
    ...{ issuedAt, expiresAt: issuedAt + 30_000, state: { status: 'accepted' } },
  };
}

export function commandRepositoryContract(make: () => Promise<CommandRepository>): void {
  let commands: CommandRepository;
  beforeAll(async () => {
    commands = await make();
  });
  const succeeded: Outcome = { status: 'succeeded', completedAt: 5 };
  const rejected: Outcome = { status: 'rejected', completedAt: 6, reason: 'in-motion', detail: 'The car moves.' };
  const added = async (): Promise<Command> => {
    const command = aCommand();
    await commands.add(command);
    return command;
  };
  const stateOf = async ({ vehicleId, commandId }: Command) => (await commands.load(vehicleId, commandId))?.state;

  test('a command is added once and comes back as it was', async () => {
    const command = aCommand();
    expect(await commands.add(command)).toBe(true);
    expect(await commands.add(command)).toBe(false);
    expect(await commands.load(command.vehicleId, command.commandId)).toEqual(command);
  });

  test('however many try to end a command, it gets one final state', async () => {
    const command = await added();
    const { vehicleId, commandId } = command;
    const results = await Promise.all([
      commands.finish(vehicleId, commandId, succeeded),
      commands.finish(vehicleId, commandId, rejected),
      commands.expire(vehicleId, commandId, 7),
      commands.expire(vehicleId, commandId, 8),
    ]);
    expect(results.filter(Boolean)).toHaveLength(1);
    const winners = ['succeeded', 'rejected', 'expired', 'expired'];
    expect((await stateOf(command))?.status).toBe(winners[results.indexOf(true)]);
  });

  test('the note that a command was sent never replaces its end', async () => {
    const command = await added();
    await commands.finish(command.vehicleId, command.commandId, rejected);
    expect(await commands.markSent(command, 9)).toBe(false);
    expect(await stateOf(command)).toEqual(rejected);
  });

  test('a sent command can succeed and can expire', async () => {
    const [one, other] = [await added(), await added()];
    expect(await commands.markSent(one, 9)).toBe(true);
    expect(await commands.markSent(other, 9)).toBe(true);
    expect(await stateOf(one)).toEqual({ status: 'sent', sentAt: 9 });
    expect(await commands.finish(one.vehicleId, one.commandId, succeeded)).toBe(true);
    expect(await commands.expire(other.vehicleId, other.commandId, 10)).toBe(true);
  });

  test('the first late reply is kept beside the expiry', async () => {
    const command = await added();
    const { vehicleId, commandId } = command;
    expect(await commands.noteLateReply(vehicleId, commandId, succeeded)).toBe(false);
    await commands.expire(vehicleId, commandId, 7);
    expect(await commands.noteLateReply(vehicleId, commandId, succeeded)).toBe(true);
    expect(await commands.noteLateReply(vehicleId, commandId, rejected)).toBe(false);
    expect(await stateOf(command)).toEqual({ status: 'expired', expiredAt: 7, lateReply: succeeded });
  });

  test('nothing can be done to a command that was never given', async () => {
    const { vehicleId, commandId } = aCommand();
    expect(await commands.finish(vehicleId, commandId, succeeded)).toBe(false);
    expect(await commands.expire(vehicleId, commandId, 7)).toBe(false);
    expect(await commands.noteLateReply(vehicleId, commandId, succeeded)).toBe(false);
    expect(await commands.load(vehicleId, commandId)).toBeUndefined();
  });

  test('recent commands come the newest first, page by page', async () => {
    const vehicleId = aVehicleId();
    const issued = [1, 2, 3, 4, 5].map((second) => aCommand(1_700_000_000_000 + second * 1000, vehicleId));
    await Promise.all(issued.map((command) => commands.add(command)));
    const first = await commands.recent(vehicleId, { limit: 3 });
    const second = await commands.recent(vehicleId, {
      limit: 3,
      ...(first.next !== undefined && { from: first.next }),
    });
    expect([...first.items, ...second.items]).toEqual(issued.reverse());
    await expect(commands.recent(vehicleId, { limit: 3, from: 'x' })).rejects.toMatchObject({ kind: 'invalid' });
  });
}
