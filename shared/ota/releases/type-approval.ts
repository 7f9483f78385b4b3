import * as z from 'zod/mini';
import { regulationPattern, rxswinSchema } from '../../registry/inventory.ts';

const line = z.string().check(z.minLength(1), z.maxLength(300));
const paragraph = z.string().check(z.minLength(1), z.maxLength(4000));

const regulationSchema = z.strictObject({
  /** `UN R79` … */
  regulation: z.string().check(z.regex(regulationPattern, 'is not of the form UN R79')),
  rxswinBefore: rxswinSchema,
  rxswinAfter: rxswinSchema,
  /** Of the extended approval, where it changes. */
  approvalReference: z.exactOptional(line),
});

/** What UN R156 (7.1.2) and ISO 24089 want to be known of an update before anybody gets it. */
export const approvalRecordSchema = z.strictObject({
  purpose: paragraph,
  criticality: z.enum(['safety', 'security', 'emissions', 'function', 'comfort']),
  affectedSystems: z.array(line).check(z.minLength(1), z.maxLength(50)),
  /** What was tested, and where that is written. */
  validation: paragraph,
  /** Each regulation of whose approved systems software is part. */
  regulations: z.array(regulationSchema).check(
    z.maxLength(50),
    z.refine((all) => new Set(all.map(({ regulation }) => regulation)).size === all.length, 'names a regulation twice'),
  ),
  /** Somebody trained has to be there, as in a workshop: no driver is offered it. */
  skilledPersonNeeded: z.boolean(),
});

export type ApprovalRecord = z.infer<typeof approvalRecordSchema>;

/** An RXSWIN changes exactly where an approval is extended: the places where the record says otherwise. */
export function approvalFaults({ regulations }: ApprovalRecord): readonly { pointer: string; detail: string }[] {
  return regulations.flatMap(({ rxswinBefore, rxswinAfter, approvalReference }, index) => {
    const pointer = `/approvalRecord/regulations/${index}`;
    if (rxswinBefore !== rxswinAfter && approvalReference === undefined) {
      return [{ pointer: `${pointer}/approvalReference`, detail: 'is missing where the RXSWIN changes' }];
    }
    if (rxswinBefore === rxswinAfter && approvalReference !== undefined) {
      return [{ pointer: `${pointer}/rxswinAfter`, detail: 'is the same though the approval changes' }];
    }
    return [];
  });
}
