/** The tenant a vehicle belongs to: `volkswagen`, `audi`, `peugeot` … Which ones exist is data of the deployment. */
export type Brand = string & { readonly brand: unique symbol };

const slug = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export function isBrand(text: string): text is Brand {
  return text.length <= 32 && slug.test(text);
}

/** @param list as it stands in the deployment's settings: slugs, separated by commas */
export function brandsOf(list: string): readonly Brand[] {
  const names = list.split(',').map((name) => name.trim());
  const strange = names.find((name) => !isBrand(name));
  if (strange !== undefined) throw new RangeError(`'${strange}' is no brand slug`);
  return names.filter(isBrand);
}
