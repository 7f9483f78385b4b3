import { z } from 'zod';
import { hashOf, passwordFault, randomPassword } from '../people/password.ts';
import type { User } from '../people/users.ts';
import type { UserPool } from '../user-pool.ts';
import { administratorOperation, type IdpOperation, type IdpParts } from './operation.ts';
import { invalidParameter, noSuchUser, refusal } from './refusals.ts';
import { userDocument } from './user-document.ts';

const pool = { UserPoolId: z.string() };
const oneUser = z.strictObject({ ...pool, Username: z.string().min(1) });

const adminCreateUser = administratorOperation(
  z.strictObject({
    ...pool,
    Username: z.string().regex(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u, 'Username: 1 to 128 visible characters'),
    TemporaryPassword: z.string().optional(),
    UserAttributes: z.array(z.strictObject({ Name: z.string(), Value: z.string().max(2048) })).default([]),
    // Nobody gets a mail here, whatever is said.
    MessageAction: z.literal('SUPPRESS').optional(),
    DesiredDeliveryMediums: z.array(z.string()).optional(),
  }),
  async ({ Username, TemporaryPassword, UserAttributes }, userPool, { people, now }) => {
    if (TemporaryPassword !== undefined) requireGood(TemporaryPassword, userPool);
    if (UserAttributes.some(({ Name }) => Name === 'sub'))
      throw invalidParameter('Cannot modify an immutable attribute');
    const user = people.users.create(userPool, {
      username: Username,
      password: await hashOf(TemporaryPassword ?? randomPassword()),
      status: 'FORCE_CHANGE_PASSWORD',
      temporaryUntil: now() + temporaryTime(userPool),
      attributes: Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value])),
    });
    if (user === undefined) throw refusal('UsernameExistsException', 'User account already exists');
    return { User: userDocument(user, 'Attributes') };
  },
);

const adminSetUserPassword = administratorOperation(
  z.strictObject({ ...oneUser.shape, Password: z.string(), Permanent: z.boolean().default(false) }),
  async ({ Username, Password, Permanent }, userPool, parts) => {
    const user = userNamed(Username, userPool, parts);
    requireGood(Password, userPool);
    const temporaryUntil = Permanent ? undefined : parts.now() + temporaryTime(userPool);
    await parts.people.setPassword(userPool, user, Password, temporaryUntil);
    return {};
  },
);

const adminGetUser = administratorOperation(oneUser, async ({ Username }, userPool, parts) =>
  userDocument(userNamed(Username, userPool, parts), 'UserAttributes'),
);

const adminDeleteUser = administratorOperation(oneUser, async ({ Username }, userPool, parts) => {
  const user = userNamed(Username, userPool, parts);
  parts.people.grants.endAllOf(user);
  parts.people.users.delete(userPool, user);
  return {};
});

const adminDisableUser = administratorOperation(oneUser, async ({ Username }, userPool, parts) => {
  const user = userNamed(Username, userPool, parts);
  parts.people.grants.endAllOf(user);
  parts.people.users.save(userPool, { ...user, enabled: false });
  return {};
});

const adminEnableUser = administratorOperation(oneUser, async ({ Username }, userPool, parts) => {
  parts.people.users.save(userPool, { ...userNamed(Username, userPool, parts), enabled: true });
  return {};
});

const adminUserGlobalSignOut = administratorOperation(oneUser, async ({ Username }, userPool, parts) => {
  parts.people.grants.endAllOf(userNamed(Username, userPool, parts));
  return {};
});

const listUsers = administratorOperation(
  z.strictObject({
    ...pool,
    Limit: z.number().int().min(0).max(60).default(60),
    PaginationToken: z.string().optional(),
    AttributesToGet: z.undefined().optional(),
    // Its language is not understood here; nothing is better than everything.
    Filter: z.undefined().optional(),
  }),
  async ({ Limit, PaginationToken }, userPool, { people }) => {
    const after = PaginationToken === undefined ? '' : Buffer.from(PaginationToken, 'base64url').toString('utf8');
    const rest = people.users.all(userPool).filter(({ username }) => username > after);
    const page = rest.slice(0, Limit === 0 ? 60 : Limit);
    const last = page.length < rest.length ? page.at(-1) : undefined;
    return {
      Users: page.map((user) => userDocument(user, 'Attributes')),
      ...(last !== undefined && { PaginationToken: Buffer.from(last.username).toString('base64url') }),
    };
  },
);

function userNamed(name: string, userPool: UserPool, { people }: IdpParts): User {
  const user = people.users.named(userPool, name);
  if (user === undefined) throw noSuchUser();
  return user;
}

function requireGood(password: string, { passwordPolicy }: UserPool): void {
  const fault = passwordFault(password, passwordPolicy);
  if (fault === undefined) return;
  throw refusal('InvalidPasswordException', `Password did not conform with policy: ${fault}`);
}

function temporaryTime({ passwordPolicy }: UserPool): number {
  return passwordPolicy.TemporaryPasswordValidityDays * 86_400_000;
}

export const administratorOperations: Readonly<Record<string, IdpOperation>> = {
  AdminCreateUser: adminCreateUser,
  AdminSetUserPassword: adminSetUserPassword,
  AdminGetUser: adminGetUser,
  AdminDeleteUser: adminDeleteUser,
  AdminDisableUser: adminDisableUser,
  AdminEnableUser: adminEnableUser,
  AdminUserGlobalSignOut: adminUserGlobalSignOut,
  ListUsers: listUsers,
};
