import type { User } from '../people/users.ts';

/** `sub` comes first, and is nobody's to change. */
export function attributeList({ sub, attributes }: User): object[] {
  return Object.entries({ sub, ...attributes }).map(([Name, Value]) => ({ Name, Value }));
}

/** A user as the administrator's operations show them; times in seconds, as the protocol has them. */
export function userDocument(user: User, attributesName: 'Attributes' | 'UserAttributes'): object {
  return {
    Username: user.username,
    [attributesName]: attributeList(user),
    UserCreateDate: user.createdAt / 1000,
    UserLastModifiedDate: user.changedAt / 1000,
    Enabled: user.enabled,
    UserStatus: user.status,
  };
}
