import * as z from 'zod/mini';
import type { CommandReply } from '#shared/vehicle-cloud/envelopes.ts';
import type { Storage } from './storage.ts';

const replySchema = z.object({
  commandId: z.string(),
  status: z.enum(['succeeded', 'rejected', 'failed']),
  reason: z.optional(z.string()),
  detail: z.optional(z.string()),
  completedAt: z.number(),
});
const entrySchema = z.object({
  commandId: z.string(),
  expiresAt: z.number(),
  /** Absent while it is carried out. */
  reply: z.optional(replySchema),
  /** The cloud has acknowledged the reply. */
  delivered: z.optional(z.boolean()),
});
const memorySchema = z.array(entrySchema);
type Entry = z.infer<typeof entrySchema>;

const document = 'commands';

/** AWS redelivers for up to an hour: so long after its expiry a command is remembered at least. */
const redelivery = 3_600_000;

/**
 * Which commands the vehicle has taken on, and how it answered. It is on disk before a command is carried
 * out, so that none is carried out twice.
 */
export class CommandMemory {
  private readonly storage: Storage;
  private readonly capacity: number;
  private readonly entries = new Map<string, Entry>();

  constructor(storage: Storage, capacity = 256) {
    this.storage = storage;
    this.capacity = capacity;
    for (const entry of memorySchema.safeParse(storage.read(document)).data ?? [])
      this.entries.set(entry.commandId, entry);
  }

  knows(commandId: string): boolean {
    return this.entries.has(commandId);
  }

  replyTo(commandId: string): CommandReply | undefined {
    const reply = this.entries.get(commandId)?.reply;
    return reply === undefined ? undefined : asReply(reply);
  }

  /**
   * Takes a command on. False where there is no room: every remembered command could still come again.
   *
   * @param earliest the earliest time that it can be now
   */
  begin(commandId: string, expiresAt: number, earliest: number): boolean {
    if (!this.makeRoom(earliest)) return false;
    this.entries.set(commandId, { commandId, expiresAt });
    this.save();
    return true;
  }

  /** Remembers the reply. A refusal that finds no room is not remembered: judged again it ends the same. */
  settle(reply: CommandReply, expiresAt = reply.completedAt): void {
    const { commandId } = reply;
    const former = this.entries.get(commandId);
    if (former === undefined && !this.makeRoom(0)) return;
    this.entries.set(commandId, { commandId, expiresAt: former?.expiresAt ?? expiresAt, reply, delivered: false });
    this.save();
  }

  private makeRoom(earliest: number): boolean {
    for (const { commandId, expiresAt, reply, delivered } of this.entries.values()) {
      if (this.entries.size < this.capacity) return true;
      const past = expiresAt + redelivery < earliest || reply?.status === 'rejected';
      if (delivered === true && past) this.entries.delete(commandId);
    }
    return this.entries.size < this.capacity;
  }

  /** The reply has reached the cloud. A crash before the next `save` costs one resend, which changes nothing. */
  delivered(commandId: string): void {
    const entry = this.entries.get(commandId);
    if (entry !== undefined) this.entries.set(commandId, { ...entry, delivered: true });
  }

  /** Taken on and never answered: the vehicle died in between. */
  interrupted(): string[] {
    return [...this.entries.values()].filter(({ reply }) => reply === undefined).map(({ commandId }) => commandId);
  }

  undelivered(): CommandReply[] {
    return [...this.entries.values()].flatMap(({ reply, delivered }) =>
      reply === undefined || delivered === true ? [] : [asReply(reply)],
    );
  }

  save(): void {
    this.storage.write(document, [...this.entries.values()]);
  }
}

function asReply({ commandId, status, reason, detail, completedAt }: z.infer<typeof replySchema>): CommandReply {
  return {
    commandId,
    status,
    ...(reason !== undefined && { reason }),
    ...(detail !== undefined && { detail }),
    completedAt,
  };
}
