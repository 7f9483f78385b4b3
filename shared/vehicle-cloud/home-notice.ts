/**
 * The twin through which the platform, and nobody else, tells a vehicle that it is at home elsewhere. A vehicle goes where
 * it is told if the epoch is later than that of the home which tells it; what is said there again or late sends nobody.
 */
export const homeTwin = 'home';

/** What is desired in it. */
export interface HomeNotice {
  /** Of the home. */
  readonly name: string;
  readonly epoch: number;
  /** How one speaks there, by the name that the device SDK has for it. */
  readonly dialect: string;
  /** Host to connect to. */
  readonly endpoint: string;
  /** By the names that provisioning gives them; absent where all vehicles have the same. */
  readonly topics?: Readonly<Record<string, string>>;
}
