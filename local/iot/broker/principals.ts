/** Where a certificate stands in its life (IoT API, `CertificateStatus`). Only ACTIVE may connect. */
export type CertificateStatus =
  | 'ACTIVE'
  | 'INACTIVE'
  | 'REVOKED'
  | 'PENDING_TRANSFER'
  | 'REGISTER_INACTIVE'
  | 'PENDING_ACTIVATION';

export interface RegisteredCertificate {
  readonly status: CertificateStatus;
  /** The texts of the default versions of the policies attached to the certificate. */
  readonly policies: readonly string[];
}

/** The thing of a connection: the certificate is attached to it and the client id equals its name. */
export interface ExclusiveThing {
  readonly thingName: string;
  readonly typeName?: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Policy texts attached to the thing's groups and to their parents. */
  readonly groupPolicies: readonly string[];
}

/**
 * What the broker asks the registry about identities. It is asked at every packet, so that a detached
 * policy works at once: the answers must come from memory.
 */
export interface Principals {
  /** `certificateId` is the SHA-256 of the certificate's DER, in hex. */
  certificate(certificateId: string): RegisteredCertificate | undefined;
  /** Undefined unless a thing of the name `clientId` exists and the certificate is attached to it. */
  thingOf(certificateId: string, clientId: string): ExclusiveThing | undefined;
}
