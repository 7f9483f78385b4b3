import type { UpdateResult } from './update-course.ts';

/** Of the languages there are, the one that is wanted, else one that differs by region alone, English, or the first. */
export function languageAmong(there: readonly string[], wanted: string): string | undefined {
  const primary = (language: string) => language.split('-')[0];
  return (
    there.find((language) => language === wanted) ??
    there.find((language) => primary(language) === primary(wanted)) ??
    there.find((language) => primary(language) === 'en') ??
    there[0]
  );
}

interface ResultWords {
  readonly installed: (version: string) => string;
  readonly kept: string;
  readonly unsafe: string;
}

const words: Readonly<Record<string, ResultWords>> = {
  en: {
    installed: (version) => `The update is done: your vehicle has software ${version}.`,
    kept: 'The update was not installed. Your vehicle has its former software and can be driven.',
    unsafe: 'The update failed. Do not drive the vehicle: call for assistance.',
  },
  de: {
    installed: (version) => `Das Update ist fertig: Ihr Fahrzeug hat die Software ${version}.`,
    kept: 'Das Update wurde nicht installiert. Ihr Fahrzeug hat seine bisherige Software und kann gefahren werden.',
    unsafe: 'Das Update ist fehlgeschlagen. Fahren Sie nicht: Rufen Sie die Pannenhilfe.',
  },
  fr: {
    installed: (version) => `La mise à jour est terminée : votre véhicule a le logiciel ${version}.`,
    kept: 'La mise à jour n’a pas été installée. Votre véhicule garde son logiciel et peut rouler.',
    unsafe: 'La mise à jour a échoué. Ne conduisez pas : appelez l’assistance.',
  },
};

/** What the screen says of a result (UN R156, 7.2.2.4: the driver learns whether it succeeded), and in which language. */
export function resultShown(
  result: { readonly outcome: UpdateResult['outcome']; readonly safety: UpdateResult['safety'] },
  softwareVersion: string,
  wanted: string,
): { readonly language: string; readonly text: string } {
  const language = languageAmong(Object.keys(words), wanted) ?? 'en';
  const said = words[language];
  if (said === undefined) throw new RangeError(language);
  if (result.outcome === 'installed') return { language, text: said.installed(softwareVersion) };
  return { language, text: result.safety === 'safe' ? said.kept : said.unsafe };
}
