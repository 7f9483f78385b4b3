import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CertificateStatus, consequences } from '#shared/registry/consequences.ts';
import { standing } from '#shared/registry/gate.ts';
import { lapsed, type RotationRequest, rotation } from '#shared/registry/rotation.ts';
import {
  certificatesOf,
  confirmed,
  type DeviceCertificate,
  type LifeCycleChange,
  reactivated,
  retired,
  suspended,
  type Vehicle,
} from '#shared/registry/vehicle.ts';
import { aCertificate, aVehicle } from '../../contract/samples.ts';

const minute = 60_000;

/** One vehicle, its registry and its device cloud; what one tells the other waits until it is handed over. */
class World {
  now = 0;
  vehicle: Vehicle;
  readonly statuses = new Map<string, CertificateStatus>();
  readonly changes: { before: Vehicle; after: Vehicle }[] = [];
  readonly requests: RotationRequest[] = [];
  readonly presences: string[] = [];
  /** On board: what it connects with first, and what it falls back to. */
  current: DeviceCertificate;
  other: DeviceCertificate | undefined;
  asked: RotationRequest | undefined;
  private made = 0;

  constructor() {
    this.current = this.certificate('key-0');
    this.statuses.set(this.current.certificateId, 'ACTIVE');
    this.vehicle = { ...aVehicle(), lifeCycle: { status: 'active', certificate: this.current } };
  }

  /** The vehicle sends a request over one of its certificates; a lost attempt is repeated with the same key. */
  ask(sameKey: boolean): void {
    const askedWith = this.usable()[0];
    if (askedWith === undefined) return;
    const former = this.asked?.certificate.deviceKeySha256;
    const key = sameKey && former !== undefined ? former : `key-${this.made}`;
    this.asked = { askedWith: askedWith.certificateId, certificate: this.certificate(key) };
    this.requests.push(this.asked);
  }

  /** A request reaches the hook, perhaps not for the last time, and the answer perhaps nobody. */
  admit(which: number, isLost: boolean, comesAgain: boolean): void {
    const request = this.requests[which % Math.max(1, this.requests.length)];
    if (request === undefined) return;
    if (!comesAgain) this.requests.splice(this.requests.indexOf(request), 1);
    const decision = rotation(this.vehicle, request, this.now);
    if (!decision.admitted) return;
    this.save(decision.vehicle);
    const { certificateId } = request.certificate;
    if (this.statuses.get(certificateId) === undefined) this.statuses.set(certificateId, 'ACTIVE');
    if (isLost || this.asked !== request) return;
    // Only now, and only over the certificate that it was asked with, the former fallback is of no use any more.
    this.current = this.holds(request.askedWith) ?? this.current;
    this.other = request.certificate;
  }

  connect(withOther: boolean): void {
    const certificate = withOther ? this.other : this.current;
    if (certificate === undefined || this.statuses.get(certificate.certificateId) !== 'ACTIVE') return;
    this.presences.push(certificate.certificateId);
    if (!withOther) return;
    this.other = this.current;
    this.current = certificate;
  }

  tellPresence(which: number, comesAgain: boolean): void {
    const certificateId = this.presences[which % Math.max(1, this.presences.length)];
    if (certificateId === undefined) return;
    if (!comesAgain) this.presences.splice(this.presences.indexOf(certificateId), 1);
    this.save(confirmed(this.vehicle, certificateId, this.now));
    const status = standing(this.vehicle, certificateId);
    if (status !== 'ACTIVE') this.set(certificateId, status);
  }

  change(change: LifeCycleChange): void {
    if (this.vehicle.lifeCycle.status !== 'retired') this.save(change(this.vehicle, this.now));
  }

  /** The stream hands its oldest change over, perhaps not for the last time. */
  followChange(comesAgain: boolean): void {
    const change = comesAgain ? this.changes[0] : this.changes.shift();
    if (change === undefined) return;
    for (const one of consequences(change.before, change.after)) {
      if (one.kind === 'set-certificate') this.set(one.certificateId, one.status);
    }
  }

  settle(): void {
    while (this.requests.length > 0) this.admit(0, true, false);
    while (this.presences.length > 0) this.tellPresence(0, false);
    while (this.changes.length > 0) this.followChange(false);
  }

  usable(): readonly DeviceCertificate[] {
    return this.held().filter(({ certificateId }) => this.statuses.get(certificateId) === 'ACTIVE');
  }

  held(): readonly DeviceCertificate[] {
    return [this.current, this.other].filter((each) => each !== undefined);
  }

  save(vehicle: Vehicle): void {
    if (vehicle !== this.vehicle) this.changes.push({ before: this.vehicle, after: vehicle });
    this.vehicle = vehicle;
  }

  private holds(certificateId: string): DeviceCertificate | undefined {
    return this.held().find((each) => each.certificateId === certificateId);
  }

  private set(certificateId: string, status: CertificateStatus): void {
    if (this.statuses.get(certificateId) !== 'REVOKED') this.statuses.set(certificateId, status);
  }

  private certificate(deviceKeySha256: string): DeviceCertificate {
    this.made += 1;
    return aCertificate({ certificateId: `certificate-${this.made}`, deviceKeySha256 });
  }
}

const some = fc.nat({ max: 5 });
const step: fc.Arbitrary<(world: World) => void> = fc.oneof(
  { arbitrary: fc.boolean().map((sameKey) => (world: World) => world.ask(sameKey)), weight: 3 },
  {
    arbitrary: fc.tuple(some, fc.boolean(), fc.boolean()).map((how) => (world: World) => world.admit(...how)),
    weight: 4,
  },
  { arbitrary: fc.boolean().map((withOther) => (world: World) => world.connect(withOther)), weight: 4 },
  {
    arbitrary: fc.tuple(some, fc.boolean()).map((how) => (world: World) => world.tellPresence(...how)),
    weight: 3,
  },
  { arbitrary: fc.boolean().map((comesAgain) => (world: World) => world.followChange(comesAgain)), weight: 4 },
  fc.constant((world: World) => world.change(suspended)),
  fc.constant((world: World) => world.change(reactivated)),
  fc.constant((world: World) => world.save(lapsed(world.vehicle, world.now))),
  fc.constantFrom(minute, 11 * minute, 8 * 24 * 60 * minute).map((passed) => (world: World) => {
    world.now += passed;
    // The token with which a request is made lives for an hour.
    if (passed > 60 * minute) world.requests.splice(0);
  }),
);

test('whatever comes late, twice or never: an active vehicle always holds a certificate that the registry lets in', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), fc.boolean(), (steps, ends) => {
      const world = new World();
      for (const one of steps) {
        one(world);
        world.now += 1;
        const { lifeCycle } = world.vehicle;
        expect(certificatesOf(lifeCycle).length).toBeLessThanOrEqual(2);
        if (lifeCycle.status !== 'active') continue;
        const letIn = world.held().filter(({ certificateId }) => standing(world.vehicle, certificateId) === 'ACTIVE');
        expect(letIn.length).toBeGreaterThan(0);
      }
      if (ends) world.change(retired);
      world.settle();
      const alive = [...world.statuses].filter(([, status]) => status === 'ACTIVE').map(([id]) => id);
      const reserved = certificatesOf(world.vehicle.lifeCycle).map(({ certificateId }) => certificateId);
      if (world.vehicle.lifeCycle.status !== 'active') {
        expect(alive).toEqual([]);
        return;
      }
      expect(alive.length).toBeLessThanOrEqual(2);
      for (const certificateId of alive) expect(reserved).toContain(certificateId);
      expect(world.usable().length).toBeGreaterThan(0);
    }),
    { numRuns: 4000 },
  );
});
