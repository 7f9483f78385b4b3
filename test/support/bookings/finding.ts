/** What a history proves to have gone wrong. */
export interface Finding {
  readonly rule: Rule;
  readonly text: string;
  /** Ids of the operations that show it. */
  readonly operations: readonly number[];
}

export type Rule =
  /** No order of what happened to a car, or of what a person did, explains all the answers with one holder at a time. */
  | 'two-holders'
  | 'two-uses'
  /** A confirmed hold that no assignment shows; one that two show; an assignment that nobody asked for. */
  | 'hold-lost'
  | 'hold-twice'
  | 'hold-of-nobody'
  /** A version that shows two things or was written twice; one that is left out; one that was seen when a later one had been. */
  | 'version-twice'
  | 'version-gap'
  | 'version-back'
  | 'fence'
  | 'transition'
  /** One key, two reservations; one key, two requests. */
  | 'key-reused'
  | 'key-of-another'
  /** A hold was taken from its holder before it was over, or a car given away while a former key opens it. */
  | 'claimed-too-soon'
  | 'released-too-soon'
  | 'key-still-good'
  | 'started-too-late'
  | 'charge-lost'
  | 'charge-doubled'
  | 'charge-unfounded';
