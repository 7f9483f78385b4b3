/**
 * What a refusal defends against, in the words of the Uptane Standard (2.1.0, "Threats and attacks" and "Full
 * verification"); the last four name what the standard checks and gives no name of its own.
 */
export const attackNames = [
  /** Content that nobody with the right to it has signed. */
  'arbitrary-software',
  /** Older than what is known already. */
  'rollback',
  /** The same old metadata for ever: it has expired. */
  'freeze',
  /** Pieces that never belonged together. */
  'mix-and-match',
  /** A version so high that no honest one could follow. */
  'fast-forward',
  /** More bytes than were announced. */
  'endless-data',
  /** So slow that it never comes to an end. */
  'slow-retrieval',
  /** What is asked for is withheld. */
  'drop-request',
  /** The image is not the one that was signed. */
  'wrong-hash',
  /** Software of another control unit. */
  'wrong-hardware',
  /** For a control unit that this vehicle has not, or for one twice. */
  'wrong-ecu',
  /** Not metadata at all. */
  'malformed',
] as const;

export type AttackName = (typeof attackNames)[number];

/** Nothing of the update is installed; `attack` goes into the vehicle's report. */
export class RefusedUpdate extends Error {
  override readonly name = 'RefusedUpdate';
  readonly attack: AttackName;
  /** One sentence for whoever assists. */
  readonly detail: string;

  constructor(attack: AttackName, detail: string) {
    super(`${attack}: ${detail}`);
    this.attack = attack;
    this.detail = detail;
  }
}
