/** Whom a client wants to speak to, as its user name says: hub and provisioning service share one port. */
export type Addressee =
  | { readonly kind: 'hub'; readonly hostName: string; readonly deviceId: string }
  | { readonly kind: 'provisioning'; readonly scope: string; readonly registrationId: string };

/**
 * A device: `{hub}/{deviceId}/?api-version=…`; the question mark is optional, the version is not. One that asks for its hub:
 * `{scope}/registrations/{registrationId}/api-version=…`. Undefined: neither, or a module, which we do not have.
 */
export function readUserName(userName: string): Addressee | undefined {
  const [first = '', second = '', third = '', ...rest] = userName.split('/');
  if (second === 'registrations') {
    const asked = new URLSearchParams(rest.join('/'));
    if (first === '' || third === '' || !asked.has('api-version')) return undefined;
    return { kind: 'provisioning', scope: first, registrationId: third };
  }
  const asked = new URLSearchParams([third, ...rest].join('/').replace(/^\?/, ''));
  if (first === '' || second === '' || !asked.has('api-version')) return undefined;
  return { kind: 'hub', hostName: first.toLowerCase(), deviceId: second };
}
