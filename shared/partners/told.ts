import type { Told } from './package.ts';

/** Whether somebody who was told the one knows the other. */
export function isToldSo(one: Told, other: Told): boolean {
  return one.status === other.status && one.leg === other.leg && one.reason === other.reason;
}
