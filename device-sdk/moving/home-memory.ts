import * as z from 'zod/mini';
import { epochOf, type Identity, identityFields, isSameIdentity } from '../certification.ts';
import { confirmIdentity, storedIdentity } from '../identity-memory.ts';
import type { RotationMemory } from '../rotation-memory.ts';
import type { Storage } from '../storage.ts';

const identity = z.object(identityFields);
/** `since`: when the vehicle was found to be at home in the target, ms since the Unix epoch by the cloud's time. */
const moveSchema = z.object({ target: identity, former: identity, since: z.optional(z.number()) });
type Move = z.infer<typeof moveSchema>;

const document = 'move';

/**
 * For so long (ms) a former home is kept beside the one in its place. The platform gives a move up that it has not seen
 * come to its end within fourteen days: who lets the vehicle in after that means it.
 */
const settling = 14 * 24 * 3_600_000;

/**
 * Everybody that the vehicle may be, in one home or two. A move is one document beside the identity, so that after a loss
 * of power at any write the vehicle knows the home that it comes from and the one it goes to.
 */
export class HomeMemory {
  private readonly storage: Storage;
  private readonly rotations: RotationMemory;
  /** The vehicle had come over when this life began. */
  private readonly hadArrived: boolean;

  constructor(storage: Storage, rotations: RotationMemory) {
    this.storage = storage;
    this.rotations = rotations;
    const move = this.move();
    this.hadArrived = move !== undefined && this.hasArrived(move);
  }

  /** In the order in which they are to be tried: those of the latest home first. */
  identities(): readonly Identity[] {
    const own = this.rotations.identities();
    const move = this.move();
    if (move === undefined) {
      const [latest] = latestFirst(own);
      // Of a home that the vehicle has left for good nothing is of use.
      return latest === undefined ? [] : own.filter((each) => epochOf(each) === epochOf(latest));
    }
    const all = latestFirst([...own, move.target, move.former]);
    return all.filter((one, at) => all.findIndex((other) => isSameIdentity(other, one)) === at);
  }

  /** The vehicle is about to become `target`. Once this is kept, it finds the one or the other whatever happens. */
  leaving(former: Identity, target: Identity): void {
    this.storage.write(document, { target, former } satisfies Move);
  }

  /** The cloud let the vehicle in as this one. */
  accepted(taken: Identity): void {
    const move = this.move();
    if (move === undefined || !isSameIdentity(move.target, taken) || this.hasArrived(move)) return;
    confirmIdentity(this.storage, taken);
  }

  /** Whether a former home is kept. */
  isMoving(): boolean {
    return this.move() !== undefined;
  }

  /** Whether the vehicle was sent further than where this one is. */
  isBehind(present: Identity): boolean {
    const move = this.move();
    return move !== undefined && epochOf(present) < epochOf(move.target);
  }

  /** Its home does not send it anywhere, whatever was said before: this is who it is. */
  stays(present: Identity): void {
    if (!this.isBehind(present)) return;
    const own = storedIdentity(this.storage);
    if (own === undefined || epochOf(own) > epochOf(present)) confirmIdentity(this.storage, present);
    this.storage.remove(document);
  }

  /** @param now the cloud's time at the earliest, while the vehicle is online as `present` */
  settled(present: Identity, now: number): void {
    const move = this.move();
    if (move === undefined || epochOf(present) !== epochOf(move.target)) return;
    if (move.since === undefined) this.storage.write(document, { ...move, since: now } satisfies Move);
    else if (this.hadArrived && now - move.since >= settling) this.storage.remove(document);
  }

  private hasArrived({ target }: Move): boolean {
    const own = storedIdentity(this.storage);
    return own !== undefined && epochOf(own) >= epochOf(target);
  }

  private move(): Move | undefined {
    const move = moveSchema.safeParse(this.storage.read(document)).data;
    if (move === undefined) this.storage.putAside(document);
    return move;
  }
}

function latestFirst(identities: readonly Identity[]): Identity[] {
  return [...identities].sort((one, other) => epochOf(other) - epochOf(one));
}
