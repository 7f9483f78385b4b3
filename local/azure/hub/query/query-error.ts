import { argumentInvalid } from '../hub-error.ts';

/** @param position in the query, from 0 */
export const queryError = (reason: string, position?: number) =>
  argumentInvalid(`BadQuery: ${reason}${position === undefined ? '' : ` at position ${position + 1}`}`);
