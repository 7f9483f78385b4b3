import type { Instant } from '../../../kernel/clock.ts';
import type { SharingSystem } from '../../setup/system.ts';

/** GBFS 3.0, "Localization": a text and the language that it is in. */
export type LocalizedText = readonly [{ readonly text: string; readonly language: string }];

/** What is spoken where a market's operators are at home; of several languages that of most. As of 2026-01. */
const languagesOf: Readonly<Record<string, string>> = {
  ...{ de: 'AT CH DE LI', fr: 'FR LU MC', it: 'IT SM', es: 'ES', pt: 'PT', nl: 'NL BE', da: 'DK', sv: 'SE', fi: 'FI' },
  ...{ nb: 'NO', pl: 'PL', cs: 'CZ', sk: 'SK', sl: 'SI', hr: 'HR', hu: 'HU', ro: 'RO', bg: 'BG', el: 'GR CY' },
  ...{ et: 'EE', lv: 'LV', lt: 'LT', zh: 'CN' },
};

/** IETF BCP 47, as far as GBFS takes it: the one language in which everything of a system is published. */
export function languageOf({ language, market }: Pick<SharingSystem, 'language' | 'market'>): string {
  if (language !== undefined) return language;
  const spoken = Object.keys(languagesOf).find((language) => languagesOf[language]?.split(' ').includes(market));
  return spoken ?? 'en';
}

export function localized(text: string, system: SharingSystem): LocalizedText {
  return [{ text, language: languageOf(system) }];
}

/** RFC 3339 */
export function timeOf(at: Instant): string {
  return new Date(at).toISOString();
}
