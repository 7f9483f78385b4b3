import { InvalidArgumentError } from 'commander';

/** A whole number from 1 on, as an option's value. */
export function positive(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number from 1 on.');
}

/** The same, with an end. */
export function upTo(most: number): (text: string) => number {
  return (text) => {
    const value = positive(text);
    if (value <= most) return value;
    throw new InvalidArgumentError(`It is ${most.toLocaleString('en-GB')} at the most.`);
  };
}
