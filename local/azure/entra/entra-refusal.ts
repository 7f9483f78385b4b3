/** A refusal of the token endpoint, with a number as operators look it up: `AADSTS700213`. */
export class EntraRefusal extends Error {
  override readonly name = 'EntraRefusal';
  readonly code: number;
  readonly error:
    | 'invalid_request'
    | 'invalid_client'
    | 'unauthorized_client'
    | 'unsupported_grant_type'
    | 'invalid_scope';

  constructor(code: number, error: EntraRefusal['error'], message: string) {
    super(`AADSTS${code}: ${message}`);
    this.code = code;
    this.error = error;
  }

  get status(): 400 | 401 {
    return this.error === 'invalid_client' ? 401 : 400;
  }
}
