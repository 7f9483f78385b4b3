import { AwsError } from '#local/aws-error.ts';
import type { SignIn } from '../people/people.ts';
import type { Shown } from '../people/person-tokens.ts';

/** Cognito answers 400 to everything that it refuses. */
export function refusal(name: string, message: string): AwsError {
  return new AwsError(name, 400, message);
}

export const notAuthorized = (message: string) => refusal('NotAuthorizedException', message);
export const invalidParameter = (message: string) => refusal('InvalidParameterException', message);
export const noSuchUser = () => refusal('UserNotFoundException', 'User does not exist.');

/** @param hidesUsers a name that nobody has is answered like a wrong password */
export function signInRefusal({ reason }: SignIn & { readonly kind: 'refused' }, hidesUsers: boolean): AwsError {
  switch (reason) {
    case 'unknown':
      return hidesUsers ? notAuthorized('Incorrect username or password.') : noSuchUser();
    case 'wrong':
      return notAuthorized('Incorrect username or password.');
    case 'locked':
      return notAuthorized('Password attempts exceeded');
    case 'disabled':
      return notAuthorized('User is disabled.');
    case 'password-expired':
      return notAuthorized('Temporary password has expired and must be reset by an administrator.');
  }
}

export function accessTokenRefusal({ reason }: Shown & { readonly kind: 'refused' }): AwsError {
  switch (reason) {
    case 'invalid':
      return notAuthorized('Invalid Access Token');
    case 'expired':
      return notAuthorized('Access Token has expired');
    case 'revoked':
      return notAuthorized('Access Token has been revoked');
    case 'user-gone':
      return noSuchUser();
  }
}
