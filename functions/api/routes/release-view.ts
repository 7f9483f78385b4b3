import * as z from 'zod/mini';
import { imagePath } from '#shared/ota/releases/ecu-image.ts';
import {
  approvalsNeeded,
  approvalsOf,
  isReleaseId,
  type Release,
  type ReleaseId,
  releaseContentSchema,
  releaseIdPattern,
} from '#shared/ota/releases/release.ts';
import type { ReleaseSummary } from '#shared/ota/releases/release-repository.ts';
import { as, brandText, instant, isoTime, text } from '../schemas.ts';

export const tag = 'Releases';

const releaseIdText = text<ReleaseId>(isReleaseId, () => 'is no release id', {
  pattern: releaseIdPattern.source,
  description: 'Identifier of the release',
});

export const onePath = z.object({ releaseId: releaseIdText });

const status = as(z.enum(['draft', 'uploaded', 'signed', 'approved', 'withdrawn']), {
  description:
    '`draft`: its files are awaited; `uploaded`: they are there, whole; `signed`: the Image repository vouches for them; `approved` by two who did not write it: campaigns may bring it; `withdrawn` for good.',
});

export const orderSchema = as(z.strictObject({ brand: brandText, ...releaseContentSchema.shape }), {
  id: 'ReleaseOrder',
});

const who = as(z.string(), { description: 'Client, as the audit names it' });

export const releaseSchema = as(
  z.object({
    releaseId: z.string(),
    brand: z.string(),
    status,
    ...releaseContentSchema.shape,
    paths: as(z.array(z.string()), {
      description: 'What each image is called as a target of the Image repository, in the order of `images`',
    }),
    author: who,
    approvals: z.array(z.object({ by: who, at: instant() })),
    approvalsMissing: as(z.int(), { description: 'Approvals that are still needed', minimum: 0 }),
    steps: as(z.array(z.object({ status, by: who, at: instant() })), { description: 'Its way, step by step' }),
    createdAt: instant(),
  }),
  { id: 'Release' },
);

export const summarySchema = as(
  z.object({
    releaseId: z.string(),
    brand: z.string(),
    softwareVersion: z.string(),
    status,
    createdAt: instant(),
  }),
  { id: 'ReleaseSummary' },
);

export type ReleaseView = z.infer<typeof releaseSchema>;

export function viewOf(release: Release): ReleaseView {
  const { releaseId, brand, author, createdAt, state, steps, version: _, ...content } = release;
  const approvals = approvalsOf(release);
  return {
    ...{ releaseId, brand, status: state.status },
    ...content,
    paths: content.images.map((image) => imagePath(brand, image)),
    author,
    approvals: approvals.map(({ by, at }) => ({ by, at: isoTime(at) })),
    approvalsMissing: Math.max(0, approvalsNeeded - approvals.length),
    steps: steps.map(({ status: step, by, at }) => ({ status: step, by, at: isoTime(at) })),
    createdAt: isoTime(createdAt),
  };
}

export function summaryViewOf({ createdAt, ...summary }: ReleaseSummary): z.infer<typeof summarySchema> {
  return { ...summary, createdAt: isoTime(createdAt) };
}

const sha256 = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
const sha512 =
  '0cf9180a764aba863a67b6d72f0918bc131c6772642cb2dce5a34f0a702f9470ddc2bf125c12198b1995c233c34b4afd346c54a2334c350a948a51b6e8b4e6b6';

export const contentExample: z.infer<typeof releaseContentSchema> = {
  softwareVersion: '5.0.0',
  images: [
    {
      ...{ ecuId: 'gateway', hardwareIds: ['ID.3-gw-2'], softwareVersion: '5.0.0', releaseCounter: 5 },
      ...{ length: 6, sha256, sha512 },
      requires: [{ ecuId: 'battery-management', releaseCounter: 3 }],
    },
  ],
  texts: {
    en: { title: 'Plug & Charge', notes: 'Charges without a card.', unavailable: 'The car cannot be driven.' },
    de: { title: 'Plug & Charge', notes: 'Lädt ohne Karte.', unavailable: 'Das Auto fährt so lange nicht.' },
  },
  minutes: 20,
  preconditions: [{ kind: 'parked' }, { kind: 'battery', percent: 40 }],
  approvalRecord: {
    purpose: 'New function of the charging control',
    criticality: 'function',
    affectedSystems: ['Charging'],
    validation: 'Test report CH-2214',
    regulations: [{ regulation: 'UN R100', rxswinBefore: 'R100 A12', rxswinAfter: 'R100 A12' }],
    skilledPersonNeeded: false,
  },
};

const releaseId = 'rel-k3vq7n2mzt5ahx6cwp4r';
const at = '2026-11-21T08:30:00.000Z';

export const releaseExample: ReleaseView = {
  ...{ releaseId, brand: 'volkswagen', status: 'draft', ...contentExample },
  paths: [`volkswagen/gateway/${sha256}`],
  ...{ author: 'release-management', approvals: [], approvalsMissing: 2, createdAt: at },
  steps: [{ status: 'draft', by: 'release-management', at }],
};

export const summaryExample: z.infer<typeof summarySchema> = {
  ...{ releaseId, brand: 'volkswagen', softwareVersion: '5.0.0', status: 'draft', createdAt: at },
};
