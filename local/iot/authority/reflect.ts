/**
 * `@peculiar/x509` registers its algorithms through tsyringe, which asks for three functions of the
 * metadata proposal when it is loaded, and for nothing else. Import this file before `@peculiar/x509`.
 */
const metadata = new WeakMap<object, Map<unknown, unknown>>();

const own = (key: unknown, target: object): unknown => metadata.get(target)?.get(key);

if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, {
    getMetadata: own,
    getOwnMetadata: own,
    defineMetadata(key: unknown, value: unknown, target: object) {
      metadata.set(target, (metadata.get(target) ?? new Map()).set(key, value));
    },
  });
}

export {};
