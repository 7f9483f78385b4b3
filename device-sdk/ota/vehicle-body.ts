import type { Precondition } from '#shared/vehicle-cloud/update-envelopes.ts';

/** How the vehicle stands, as far as an installation cares. */
export interface Conditions {
  readonly parked: boolean;
  readonly ignitionOn: boolean;
  /** Percent. */
  readonly battery: number;
  /** A charging cable under tension. */
  readonly charging: boolean;
}

/** What the agent needs of the vehicle around the control units. Each method may be called again and then changes nothing. */
export interface VehicleBody {
  conditions(): Conditions;
  /** Tells of each change of `conditions`. @returns what ends that */
  onConditions(listener: (conditions: Conditions) => void): () => void;
  /** Keeps enough energy for going on and for going back. False: there is not enough. */
  reserveEnergy(minutes: number): Promise<boolean>;
  freeEnergy(): Promise<void>;
  /** Durable: after it resolves the vehicle cannot be driven, also not after a loss of power, until `mobilise`. */
  immobilise(): Promise<void>;
  mobilise(): Promise<void>;
}

/** Those that do not hold. */
export function unmet(preconditions: readonly Precondition[], conditions: Conditions): Precondition['kind'][] {
  return preconditions.filter((precondition) => !holds(precondition, conditions)).map(({ kind }) => kind);
}

function holds(precondition: Precondition, { parked, ignitionOn, battery, charging }: Conditions): boolean {
  switch (precondition.kind) {
    case 'parked':
      return parked;
    case 'ignition-off':
      return !ignitionOn;
    case 'battery':
      return battery >= precondition.percent;
    case 'not-charging':
      return !charging;
    default:
      return precondition satisfies never;
  }
}
