/**
 * How a device cloud tells a vehicle that it may go, and hears where it stands: a job on AWS. Nothing else is told this
 * way: what to install the Director says, how it goes the reports.
 */
export interface Rollout {
  /** Whether the campaign's update has been released to this vehicle. */
  isReleased(campaignId: string): boolean;
  /**
   * Somebody waits for a release, or has an end to tell: from then on `isReleased` is what the cloud says now. A vehicle
   * that waits for nothing asks for nothing, for all of a fleet may connect at one moment.
   */
  look(): void;
  /** Called when something was released, or is not any more. */
  onChange: () => void;
  /**
   * From now on the vehicle cannot be stopped from outside.
   *
   * @param minutes after which it counts as lost
   * @returns false where the campaign has taken the update back
   * @throws where the cloud cannot be reached
   */
  installing(campaignId: string, minutes: number): Promise<boolean>;
  /** Resolves once the cloud knows, or has no use for it any more. */
  ended(campaignId: string, succeeded: boolean, detail: string): Promise<void>;
}
