import { HubError } from '../hub/hub-error.ts';
import type { Policies, Right } from '../hub/policies.ts';
import { covers, isExpired, isSignedBy, parseSas } from '../sas.ts';

/** @returns the rights of whom the token names; undefined: the token is not good at this hub */
export type VerifyBearer = (token: string, hostName: string) => Promise<readonly Right[] | undefined>;

interface Authorization {
  readonly policies: Policies;
  /** The hub's own name first. */
  readonly hostNames: readonly string[];
  readonly verifyBearer: VerifyBearer | undefined;
}

const unauthorized = () => new HubError('IotHubUnauthorizedAccess', 'Unauthorized');

/** @param path what is asked for: a signature may be for a part of the hub @throws HubError IotHubUnauthorizedAccess */
export async function authorize(
  options: Authorization,
  header: string | undefined,
  path: string,
  right: Right,
): Promise<void> {
  const rights = header?.startsWith('Bearer ')
    ? await options.verifyBearer?.(header.slice('Bearer '.length), options.hostNames[0] ?? '')
    : rightsOfSas(options, header ?? '', path);
  if (rights?.includes(right) !== true) throw unauthorized();
}

function rightsOfSas(
  { policies, hostNames }: Authorization,
  header: string,
  path: string,
): readonly Right[] | undefined {
  const sas = parseSas(header);
  const policy = sas?.policy === undefined ? undefined : policies.get(sas.policy);
  if (sas === undefined || policy === undefined) return undefined;
  const good =
    isSignedBy(sas, [policy.primaryKey, policy.secondaryKey]) &&
    !isExpired(sas) &&
    hostNames.some((host) => covers(sas, `${host}${path}`));
  return good ? policy.rights : undefined;
}
