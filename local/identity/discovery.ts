/** What the discovery document is made of. */
export interface DiscoveredIssuer {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  issuerOf(poolId: string): string;
  url(path: string): string;
}

/** OpenID Connect Discovery 1.0, section 3, with what Cognito publishes. */
export function discoveryDocument(server: DiscoveredIssuer, poolId: string): object {
  const issuer = server.issuerOf(poolId);
  return {
    authorization_endpoint: server.authorizeUrl,
    code_challenge_methods_supported: ['S256'],
    end_session_endpoint: server.url('/logout'),
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    id_token_signing_alg_values_supported: ['RS256'],
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    revocation_endpoint: server.url('/oauth2/revoke'),
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
    token_endpoint: server.tokenUrl,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    userinfo_endpoint: server.url('/oauth2/userInfo'),
  };
}
