import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { CodeText, SealedCode } from '#shared/ownership/claim-code.ts';
import type { CodeSeal } from '#shared/ownership/claim-service.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';

const keyBytes = 32;
/** 16 MiB and some 40 ms a guess: the trillion codes that there are outlast the ten minutes of this one. */
const cost = { N: 16_384, r: 8, p: 1 };

/** Seals codes with scrypt (RFC 7914), each with a salt of its own. */
export class ScryptSeal implements CodeSeal {
  async seal(vehicleId: VehicleId, code: CodeText): Promise<SealedCode> {
    const salt = randomBytes(16).toString('base64');
    return { vehicleId, salt, hash: (await derived(vehicleId, code, salt)).toString('base64') };
  }

  async opens(code: CodeText, { vehicleId, salt, hash }: SealedCode): Promise<boolean> {
    const expected = Buffer.alloc(keyBytes);
    const length = Buffer.from(hash, 'base64').copy(expected);
    const same = timingSafeEqual(await derived(vehicleId, code, salt), expected);
    return same && length === keyBytes;
  }
}

/** The vehicle is part of what is sealed: its item cannot be passed off as another vehicle's. */
function derived(vehicleId: VehicleId, code: CodeText, salt: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(`${vehicleId} ${code}`, salt, keyBytes, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
