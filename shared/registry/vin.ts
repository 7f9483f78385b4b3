/** A vehicle identification number (ISO 3779). Personal data: it lives in the registry alone. */
export type Vin = string & { readonly vin: unique symbol };

/** 17 capitals and digits; I, O and Q do not occur because they look like 1 and 0. */
const form = /^[A-HJ-NPR-Z0-9]{17}$/;

// 49 CFR 565.15: the ninth character is the weighted sum of the others, modulo 11.
const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
const letterValues: Readonly<Record<string, number>> = {
  ...{ A: 1, B: 2, C: 3, D: 4, E: 5, F: 6, G: 7, H: 8 },
  ...{ J: 1, K: 2, L: 3, M: 4, N: 5, P: 7, R: 9 },
  ...{ S: 2, T: 3, U: 4, V: 5, W: 6, X: 7, Y: 8, Z: 9 },
};

/** Why the text is no VIN, or undefined when it is one. */
export function vinFault(text: string): string | undefined {
  if (/[IOQ]/i.test(text)) return 'contains I, O or Q, which no VIN does';
  if (!form.test(text)) return 'is not 17 capital letters and digits';
  if (!carriesCheckDigit(text) || text.charAt(8) === checkDigit(text)) return undefined;
  return 'has a wrong check digit at the ninth place';
}

export function isVin(text: string): text is Vin {
  return vinFault(text) === undefined;
}

/** Only North America (1-5) and China (L) prescribe the check digit; elsewhere the place is free. */
export function carriesCheckDigit(vin: string): boolean {
  return /^[1-5L]/.test(vin);
}

export function checkDigit(vin: string): string {
  const sum = weights.reduce((total, weight, place) => total + weight * placeValue(vin.charAt(place)), 0);
  return sum % 11 === 10 ? 'X' : String(sum % 11);
}

function placeValue(character: string): number {
  return letterValues[character] ?? Number(character);
}
