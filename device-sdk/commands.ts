import * as z from 'zod/mini';
import type { CommandReply, CommandRequest } from '#shared/vehicle-cloud/envelopes.ts';
import type { Bounds } from './cloud-clock.ts';
import type { CommandMemory } from './command-memory.ts';
import { type Host, type Log, reasonOf } from './host.ts';
import { parseJson } from './storage.ts';

/**
 * Carries out one command. Returning means it succeeded; a sentence for a person may be returned. Throw
 * `CommandRejected` where the vehicle will not, anything else where it could not.
 */
export type CommandHandler = (
  parameters: CommandRequest['parameters'],
  command: CommandRequest,
) => string | undefined | Promise<string | undefined>;

/**
 * The vehicle will not do it now.
 *
 * @example throw new CommandRejected('in-motion', 'The vehicle is moving at 30 km/h.')
 */
export class CommandRejected extends Error {
  override readonly name = 'CommandRejected';
  /** Kebab-case. */
  readonly reason: string;

  constructor(reason: string, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

const requestSchema = z.object({
  commandId: z.string().check(z.minLength(1), z.maxLength(256)),
  name: z.string(),
  parameters: z._default(z.record(z.string(), z.unknown()), {}),
  issuedAt: z.number(),
  expiresAt: z.number(),
});

/** What the cloud admits in a reply. */
const kebabCase = /^(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*$/;
const longestDetail = 500;

/** Milliseconds before a reply that was not acknowledged is sent again. */
const resendPause = 5000;

interface CommandParts {
  readonly memory: CommandMemory;
  readonly publish: (payload: string) => Promise<void>;
  readonly host: Host;
  readonly log: Log;
  /** The cloud's time, asked for where it is not known yet; undefined when it cannot be had. */
  readonly cloudTime: (anew?: boolean) => Promise<Bounds | undefined>;
  /** The best present time for the reply, ms since the Unix epoch. */
  readonly now: () => number;
}

/**
 * Commands from the cloud. Each is carried out at most once: its id is on disk before its handler runs, a
 * duplicate gets the remembered reply, and one that a crash interrupted is answered `failed`. After its
 * expiry, judged by the cloud's time, it is not carried out; without such time no door is touched.
 *
 * @example
 * vehicle.commands.handle('doors.lock', async () => {
 *   await doors.lock();
 * });
 */
export class Commands {
  private readonly parts: CommandParts;
  private readonly handlers = new Map<string, CommandHandler>();
  /** Being judged or carried out in this life. */
  private readonly present = new Set<string>();
  /** One after the other within a capability, so that lock and unlock keep their order. */
  private readonly queues = new Map<string, Promise<void>>();
  private readonly sending = new Set<string>();
  private online = false;
  private closed = false;
  /** Lines that broke. */
  private breaks = 0;
  /** Wait for the next line. */
  private cutOff: (() => void)[] = [];

  constructor(parts: CommandParts) {
    this.parts = parts;
    for (const commandId of parts.memory.interrupted()) {
      parts.memory.settle(
        this.reply(commandId, 'failed', 'interrupted', 'The vehicle restarted while carrying it out.'),
      );
    }
  }

  /** One handler a name; commands without one are rejected as unknown. */
  handle(name: string, handler: CommandHandler): this {
    this.handlers.set(name, handler);
    return this;
  }

  /** @internal */
  async connected(): Promise<void> {
    this.online = true;
    for (const goOn of this.cutOff.splice(0)) goOn();
    // First the time, so that the replies to what a crash interrupted carry the right one.
    await this.parts.cloudTime();
    for (const commandId of this.parts.memory.interrupted()) this.settleInterrupted(commandId);
    for (const reply of this.parts.memory.undelivered()) void this.send(reply);
  }

  /** @internal */
  disconnected(): void {
    this.online = false;
    this.breaks += 1;
  }

  /** @internal For a vehicle that was closed: what was not begun is the next life's. */
  close(): void {
    this.disconnected();
    this.closed = true;
  }

  /** @internal */
  receive(payload: Uint8Array): void {
    const document = parseJson(Buffer.from(payload).toString('utf8'));
    const parsed = requestSchema.safeParse(document);
    if (parsed.success) this.take(parsed.data);
    else this.refuseUnreadable(document);
  }

  private take(request: CommandRequest): void {
    const { commandId } = request;
    const remembered = this.parts.memory.replyTo(commandId);
    if (remembered !== undefined) void this.send(remembered);
    else if (this.present.has(commandId)) return;
    else if (this.parts.memory.knows(commandId)) this.settleInterrupted(commandId);
    else this.enqueue(request);
  }

  private enqueue(request: CommandRequest): void {
    const { commandId, name } = request;
    this.present.add(commandId);
    const capability = name.split('.')[0] ?? name;
    const before = this.queues.get(capability) ?? Promise.resolve();
    const turn = before
      .then(() => this.obey(request, capability))
      .finally(() => {
        this.present.delete(commandId);
        if (this.queues.get(capability) === turn) this.queues.delete(capability);
      });
    this.queues.set(capability, turn);
  }

  private async obey(request: CommandRequest, capability: string): Promise<void> {
    const { commandId, name } = request;
    try {
      const handler = this.handlers.get(name);
      if (handler === undefined) {
        return this.answer(
          request,
          this.reply(commandId, 'rejected', 'unknown-command', `This vehicle has no ${name}.`),
        );
      }
      let time = await this.timeFor(request, capability);
      let refusal = refusalOf(request, capability, time);
      if (refusal?.[0] === 'expired') {
        // What was believed may be wrong: a counter that ran on unevenly, a cloud whose clock was set back.
        time = await this.parts.cloudTime(true);
        refusal = refusalOf(request, capability, time);
      }
      if (this.closed) return;
      if (refusal !== undefined) return this.answer(request, this.reply(commandId, 'rejected', ...refusal));
      if (!this.parts.memory.begin(commandId, request.expiresAt, time?.earliest ?? 0)) {
        const full = this.reply(commandId, 'rejected', 'busy', 'Too many recent commands to remember another one.');
        return void this.send(full);
      }
      this.answer(request, await this.outcome(request, handler));
    } catch (error) {
      // The memory itself failed, e.g. a full disk: nothing was answered, so the cloud lets the command expire.
      this.parts.log(`command ${commandId}: ${reasonOf(error)}`);
    }
  }

  /** A line that breaks over the question says nothing of the time: it is asked over the next one. */
  private async timeFor(request: CommandRequest, capability: string): Promise<Bounds | undefined> {
    for (;;) {
      const before = this.breaks;
      const time = await this.parts.cloudTime();
      const isAnswer = time !== undefined || (this.online && this.breaks === before);
      if (isAnswer || refusalOf(request, capability, undefined) === undefined) return time;
      if (!this.online) await new Promise<void>((goOn) => this.cutOff.push(goOn));
    }
  }

  private async outcome(request: CommandRequest, handler: CommandHandler): Promise<CommandReply> {
    const { commandId, parameters } = request;
    try {
      const detail = await handler(parameters, request);
      return this.reply(commandId, 'succeeded', undefined, detail);
    } catch (error) {
      if (error instanceof CommandRejected) return this.reply(commandId, 'rejected', error.reason, error.message);
      return this.reply(commandId, 'failed', 'execution-failed', reasonOf(error));
    }
  }

  private answer({ expiresAt }: CommandRequest, reply: CommandReply): void {
    this.parts.memory.settle(reply, expiresAt);
    void this.send(reply);
  }

  /** Taken on by an earlier life and never answered: nobody knows how far it came, so it is not done again. */
  private settleInterrupted(commandId: string): void {
    if (this.present.has(commandId)) return;
    const reply = this.reply(commandId, 'failed', 'interrupted', 'The vehicle restarted while carrying it out.');
    this.parts.memory.settle(reply);
    void this.send(reply);
  }

  private async send(reply: CommandReply): Promise<void> {
    const { commandId } = reply;
    if (!this.online || this.sending.has(commandId)) return;
    this.sending.add(commandId);
    try {
      await this.parts.publish(JSON.stringify(reply));
      this.parts.memory.delivered(commandId);
    } catch (error) {
      if (this.online) this.parts.log(`reply to ${commandId}: ${reasonOf(error)}`);
      this.parts.host.after(resendPause, () => void this.send(reply));
    } finally {
      this.sending.delete(commandId);
    }
  }

  private refuseUnreadable(document: unknown): void {
    const named = z.object({ commandId: z.string() }).safeParse(document);
    if (!named.success) this.parts.log('a message on the command topic is no command');
    else void this.send(this.reply(named.data.commandId, 'rejected', 'invalid-command', 'The command cannot be read.'));
  }

  private reply(commandId: string, status: CommandReply['status'], reason?: string, detail?: string): CommandReply {
    return {
      commandId,
      status,
      ...(reason !== undefined && { reason: kebabCase.test(reason) ? reason : status }),
      ...(detail !== undefined && { detail: detail.slice(0, longestDetail) }),
      completedAt: this.parts.now(),
    };
  }
}

/** Why the command must not be carried out, by the time that it can be now at the latest. */
function refusalOf(
  { expiresAt }: CommandRequest,
  capability: string,
  time: Bounds | undefined,
): readonly [reason: string, detail: string] | undefined {
  if (time === undefined) {
    return capability === 'doors' ? ['no-trusted-time', 'The vehicle does not know the time for certain.'] : undefined;
  }
  return time.latest <= expiresAt ? undefined : ['expired', 'The command came after its expiry.'];
}
