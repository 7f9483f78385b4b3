import * as z from 'zod';
import type { CloudFile, SeededUser } from '#local/cloud-file.ts';

const signedIn = z.object({
  AuthenticationResult: z.object({ AccessToken: z.string(), IdToken: z.string(), RefreshToken: z.string() }),
});

export interface PersonsTokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
}

/**
 * Signs a person in with name and password, as an app without a browser does (Cognito's InitiateAuth; nobody signs it).
 *
 * @param person or the name of one in `cloud.json`: `driver`, `second-driver`
 */
export async function signIn(cloud: CloudFile, person: string | SeededUser): Promise<PersonsTokens> {
  const user = typeof person === 'string' ? cloud.identity.users.find(({ name }) => name === person) : person;
  if (user === undefined)
    throw new Error(`cloud.json names no "${person}": deleted persons stay deleted, --fresh begins anew.`);
  const answer = await fetch(cloud.aws.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: cloud.identity.app.clientId,
      AuthParameters: { USERNAME: user.username, PASSWORD: user.password },
    }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`"${user.name}" could not sign in: ${answer.status} ${text}`);
  const { AccessToken, IdToken, RefreshToken } = signedIn.parse(JSON.parse(text)).AuthenticationResult;
  return { accessToken: AccessToken, idToken: IdToken, refreshToken: RefreshToken };
}
