/** Below these, and at them, paths lead to the function `sharing-api`; every other path leads to `api`. */
export const sharingPrefixes: readonly string[] = [
  '/v1/sharing',
  '/v1/me/sharing',
  '/v1/webhooks',
  '/v1/mds',
  '/v1/tomp',
];
