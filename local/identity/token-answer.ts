export interface TokenAnswer {
  readonly status: number;
  readonly body: object;
}

export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type';

/** Cognito answers 400 to all of them, also where RFC 6749 permits 401. */
export function refused(error: OAuthError): TokenAnswer {
  return { status: 400, body: { error } };
}
