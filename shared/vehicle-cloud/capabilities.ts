/** Where device clouds truly differ. Each flag is asked in one place. */
export interface Capabilities {
  /** Vehicles have their next certificate registered over their own line (`CertificateService.askForRotation`). */
  readonly rotation: boolean;
}

/** Of the first home. */
export const everything: Capabilities = { rotation: true };
