import { AwsError } from '#local/aws-error.ts';
import type { AwsOperation, AwsService, UnsignedRequest } from '#local/gateway/service.ts';
import { administratorOperations } from './administrator-operations.ts';
import type { IdpParts } from './operation.ts';
import { personOperations } from './person-operations.ts';
import { refusal } from './refusals.ts';

const prefix = 'AWSCognitoIdentityProviderService.';

/** Cognito's API for SDK clients: persons bring a password or a token, administrators sign. */
export function cognitoService(parts: IdpParts): AwsService {
  return {
    names: ['cognito-idp'],
    understand: (request) => understand(request, parts),
    // The SDKs sign nothing of what persons do: there are no keys of AWS in an app.
    understandUnsigned(request) {
      const name = nameOf(request);
      return name !== undefined && Object.hasOwn(personOperations, name) ? understand(request, parts) : undefined;
    },
  };
}

function nameOf({ headers }: UnsignedRequest): string | undefined {
  const target = headers['x-amz-target'] ?? '';
  return target.startsWith(prefix) ? target.slice(prefix.length) : undefined;
}

function understand(request: UnsignedRequest, parts: IdpParts): AwsOperation {
  const name = nameOf(request) ?? '';
  const all = new Map(Object.entries({ ...personOperations, ...administratorOperations }));
  const operation = all.get(name);
  if (operation === undefined) {
    throw new AwsError('UnknownOperationException', 400, `The local Cognito has no operation "${name}".`);
  }
  const { poolId, run } = operation(readJson(request.body), parts);
  const arn = `arn:aws:cognito-idp:${parts.region}:${parts.accountId}:userpool/${poolId}`;
  return {
    name,
    permissions: poolId === undefined ? [] : [{ action: `cognito-idp:${name}`, resource: arn }],
    run: async () => ({ status: 200, body: await run() }),
  };
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw refusal('SerializationException', 'The body is not JSON.');
  }
}
