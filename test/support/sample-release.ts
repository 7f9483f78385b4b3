import { createHash } from 'node:crypto';
import type { EcuImage } from '#shared/ota/releases/ecu-image.ts';
import type { ReleaseContent } from '#shared/ota/releases/release.ts';

/** The image of some bytes. */
export function anImage(ecuId: string, content: Buffer | string, changes: Partial<EcuImage> = {}): EcuImage {
  const bytes = Buffer.from(content);
  return {
    ...{ ecuId, hardwareIds: [`${ecuId}-hw`], softwareVersion: '2.0.0', releaseCounter: 2, length: bytes.length },
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sha512: createHash('sha512').update(bytes).digest('hex'),
    ...changes,
  };
}

export function aReleaseOf(images: readonly EcuImage[], changes: Partial<ReleaseContent> = {}): ReleaseContent {
  return {
    softwareVersion: '5.0.0',
    images: [...images],
    texts: { en: { title: 'Plug & Charge', notes: 'Charges without a card.', unavailable: '' } },
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
    ...changes,
  };
}
