/**
 * What the agent needs of one control unit. It has two slots: one runs, the other is written. Each method may be
 * called again after a loss of power, with the same arguments, and then finds done what was done.
 *
 * A call rejects where the unit refuses or fails. One whose `signal` was aborted rejects and has no effect any more:
 * the agent may meanwhile be on its way back.
 */
export interface EcuInstaller {
  readonly ecuId: string;
  /** Bytes that one `write` takes at the most. */
  readonly blockBytes: number;
  /** What stands in the unit now. */
  inspect(signal: AbortSignal): Promise<EcuState>;
  /** Empties the slot that does not run; what was noted of it goes first. */
  erase(signal: AbortSignal): Promise<void>;
  /** Into the slot that does not run. */
  write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /**
   * Makes durable what was written, hashes it and, where that is the software meant, notes that the slot holds it.
   *
   * @returns the SHA-256 that was found, hex
   */
  seal(software: EcuSoftware, signal: AbortSignal): Promise<string>;
  /** From the next boot on this slot runs. Refused where its software is bad, or older than `releaseCounter`. */
  switchTo(slot: Slot, signal: AbortSignal): Promise<void>;
  /** Starts the unit anew; resolves when it is up, in whichever slot. */
  boot(signal: AbortSignal): Promise<void>;
  /** Whether what runs does what it is for. */
  health(signal: AbortSignal): Promise<Health>;
  /** What runs is here to stay: its release counter is from now on the lowest that the unit starts. */
  commit(signal: AbortSignal): Promise<void>;
  /** Reads the slot that runs: deltas are applied to it. A unit without this gets whole images. */
  read?(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
}

export type Slot = 'a' | 'b';

export function otherSlot(slot: Slot): Slot {
  return slot === 'a' ? 'b' : 'a';
}

export interface EcuSoftware {
  readonly softwareVersion: string;
  readonly releaseCounter: number;
  /** Bytes. */
  readonly length: number;
  /** Hex. */
  readonly sha256: string;
}

/** `bad`: the unit's own boot loader gave it up. */
export type SlotState =
  | { readonly status: 'empty' }
  | { readonly status: 'filled' | 'bad'; readonly software: EcuSoftware };

export interface EcuState {
  /** Of this piece, so that one that was swapped in a workshop is noticed. */
  readonly serialNumber: string;
  readonly hardwareId: string;
  readonly running: Slot;
  /** What the next boot starts. */
  readonly boots: Slot;
  readonly slots: Readonly<Record<Slot, SlotState>>;
  /** The lowest that the unit starts: that of the software committed last. */
  readonly releaseCounter: number;
}

export type Health = { readonly status: 'healthy' } | { readonly status: 'unhealthy'; readonly reason: string };
