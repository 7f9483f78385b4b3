import { at } from '#local/tour/telling.ts';
import { type Answer, refusal } from './reference-answers.ts';
import type { ReferenceAsset } from './reference-gbfs.ts';

const [licence, years] = ['B', 21];

/** What is missing for a moped of what the reseller says of its customer; the reference partner believes it. */
export function papersLacking({ kind }: ReferenceAsset, travellers: unknown, now: number): Answer | undefined {
  if (kind !== 'moped') return undefined;
  const said = at(travellers, 0, 'characteristics');
  if (at(said, 'isValidated') !== true) return refusal(422, 'traveller-not-validated', 'Nobody has seen the papers.');
  if (Number(at(said, 'age') ?? 0) < years) return refusal(422, 'traveller-too-young', 'Too young for a moped.');
  const shown = [at(said, 'licenses')].flat().filter((one) => at(one, 'licenseType', 'licenseCode') === licence);
  if (shown.length === 0) return refusal(422, 'traveller-licence-missing', 'A moped asks for a licence.');
  const today = new Date(now).toISOString().slice(0, 10);
  if (shown.some((one) => String(at(one, 'endValidity')) >= today)) return undefined;
  return refusal(422, 'traveller-licence-expired', 'The licence is over.');
}
