/**
 * What a use costs. Money is whole minor units (cents) of the plan's currency, VAT included, as consumers are told
 * (Directive 98/6/EC). A version never changes: a hold names the one it was made under, and is billed by it.
 */
export interface PricingPlan {
  readonly planId: string;
  readonly version: number;
  readonly name: string;
  /** ISO 4217, one with two decimals. */
  readonly currency: string;
  /** Once a trip. */
  readonly unlockFee: number;
  /** Each minute begun of driving. */
  readonly perMinute: number;
  /** Each minute begun while paused. */
  readonly pausePerMinute: number;
  /** Each kilometre begun beyond those included. */
  readonly perKilometre: number;
  readonly includedKilometres: number;
  /** The most that minutes of one trip cost in each 24 hours from its start; kilometres, fees and packages come on top. */
  readonly dayCap?: number;
  /** Holding longer than `freeMinutes`, each minute begun. */
  readonly hold: { readonly freeMinutes: number; readonly perMinute: number };
  readonly packages: readonly PricePackage[];
  /** Taken off where the vehicle is left charging with less than this when it was plugged in. */
  readonly chargeReward?: { readonly amount: number; readonly belowPercent: number };
}

/** So many minutes and kilometres for one price, chosen at the hold; what is beyond costs as the plan says. */
export interface PricePackage {
  readonly packageId: string;
  readonly name: string;
  readonly price: number;
  /** Driving and pausing. */
  readonly minutes: number;
  readonly kilometres: number;
}
