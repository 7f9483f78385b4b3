import type { Caller } from '#shared/access/caller.ts';
import type { GiveBack } from '#shared/partners/package-service.ts';
import { purchaseOffersRequest } from '#shared/partners/tomp/offer.ts';
import { assignAssetRequest, extendRequest, packageRequest } from '#shared/partners/tomp/package.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import type { ProblemCode } from '../problem-catalogue.ts';
import { noHeaders, noQuery } from '../route.ts';
import { as } from '../schemas.ts';
import type { SharingServices } from '../services.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { base, packageReply, packageView, scopes, tag, tompExamples, tompPath } from './tomp-view.ts';

const json = { mediaTypes: ['application/json'] };
const { packageId } = tompExamples;
const replies = {
  200: { description: 'The package as it is now', schema: packageView, example: tompExamples.package },
};
const ofPackage = { pathSchema: tompPath, querySchema: noQuery, headerSchema: noHeaders, scopes, replies };
const theirs = ['system-not-found', 'package-not-found'] as const;
const packageOrder = {
  ...{ schema: as(packageRequest, { id: 'TompPackageRequest' }), ...json },
  examples: { package: { inputs: { package: packageId } } },
};

async function permit(
  caller: Caller,
  systemId: SystemId,
  wanted: string,
  { packages }: Pick<SharingServices, 'packages'>,
): Promise<void> {
  await packages.require(caller, systemId, wanted);
}

const purchaseOffers = route({
  ...{ method: 'POST', path: `${base}/processes/purchase-offers/execution`, operationId: 'tompPurchaseOffers', tag },
  ...ofPackage,
  audit: 'package.purchase',
  summary: 'Buy an offer for a customer',
  description:
    'The vehicle is held, and the package `PENDING` until `expires`: confirm it by then. Where the operator trusts the partner, what is said of age and licence counts as seen. The same offer for the same traveller is bought once, however often it is asked for.',
  body: {
    ...{ schema: as(purchaseOffersRequest, { id: 'TompPurchase' }), ...json },
    examples: {
      car: {
        inputs: {
          offer: tompExamples.offerId,
          travellers: [
            {
              ...{ type: 'traveller', id: 'customer-4711' },
              characteristics: {
                ...{ isValidated: true, age: 34 },
                licenses: [
                  {
                    licenseType: {
                      modes: ['CAR'],
                      licenseCategory: 'DRIVER_LICENSE',
                      licenseCode: 'B',
                      issuingCountry: 'DE',
                    },
                    endValidity: '2031-05-31',
                  },
                ],
              },
            },
          ],
        },
      },
    },
  },
  problems: [
    ...(['system-not-found', 'offer-not-found', 'offer-expired', 'offer-used', 'offer-outdated'] as const),
    ...(['packages-too-many', 'traveller-not-validated', 'traveller-too-young', 'traveller-licence-missing'] as const),
    ...([
      'traveller-licence-expired',
      'driver-not-verified',
      'driver-blocked',
      'licence-missing',
      'too-young',
    ] as const),
    ...(['debt-open', 'already-holding', 'vehicle-not-offered', 'vehicle-reserved', 'vehicle-not-in-service'] as const),
    ...(['vehicle-out-of-contact', 'vehicle-charge-low', 'vehicle-key-not-void', 'system-closed'] as const),
    ...(['licence-recheck-due', 'account-not-found'] as const),
  ],
  async permit({ path: { systemId }, caller }, { partnerDoor }) {
    await partnerDoor.enter(caller, systemId);
  },
  async handle({ path: { systemId }, body, caller }, services) {
    const counter = await services.partnerDoor.enter(caller, systemId);
    return packageReply(await services.purchases.purchase(caller, systemId, body), counter, services);
  },
});

const confirmPurchase = route({
  ...{ method: 'POST', path: `${base}/processes/confirm-purchase/execution`, operationId: 'tompConfirmPurchase', tag },
  ...ofPackage,
  ...{ audit: 'package.confirm', body: packageOrder },
  summary: 'Confirm a purchase before it expires',
  description:
    'Money is set aside on the partner’s account. The hold goes on as it was: `extend-expiry-time` makes it longer.',
  problems: [
    ...theirs,
    ...([
      'package-expired',
      'process-not-possible',
      'payment-declined',
      'payment-unavailable',
      'driver-blocked',
    ] as const),
  ],
  permit: ({ path, body, caller }, services) => permit(caller, path.systemId, body.inputs.package, services),
  async handle({ path: { systemId }, body, caller }, services) {
    const counter = await services.partnerDoor.enter(caller, systemId);
    return packageReply(await services.packages.confirm(caller, systemId, body.inputs.package), counter, services);
  },
});

const extendExpiry = route({
  ...{ method: 'POST', path: `${base}/processes/extend-expiry-time/execution`, operationId: 'tompExtendExpiry', tag },
  ...ofPackage,
  audit: 'package.extend',
  summary: 'Have more time',
  description:
    'By what the city allows, as often as it allows. Send an `Idempotency-Key`: each other request is another extension.',
  body: {
    ...{ schema: as(extendRequest, { id: 'TompExtension' }), ...json },
    examples: { payment: { inputs: { package: packageId, reason: 'PAYMENT_PENDING' } } },
  },
  problems: [
    ...theirs,
    ...(['package-expired', 'process-not-possible', 'extensions-used', 'hold-expired', 'trip-started'] as const),
    ...(['reservation-not-found', 'account-not-found'] as const),
  ],
  permit: ({ path, body, caller }, services) => permit(caller, path.systemId, body.inputs.package, services),
  async handle({ path: { systemId }, body, caller, operation: { operationId } }, services) {
    const counter = await services.partnerDoor.enter(caller, systemId);
    const extended = await services.packages.extend(caller, systemId, body.inputs.package, operationId);
    return packageReply(extended, counter, services);
  },
});

function givesBack(process: GiveBack, summary: string, description: string, operationId: string, audit: string) {
  const problems: readonly ProblemCode[] = [...theirs, 'package-expired', 'process-not-possible', 'account-not-found'];
  return route({
    ...{ method: 'POST', path: `${base}/processes/${process}/execution`, operationId, tag, audit },
    ...{ ...ofPackage, summary, description, problems, body: packageOrder },
    permit: ({ path, body, caller }, services) => permit(caller, path.systemId, body.inputs.package, services),
    async handle({ path: { systemId }, body, caller }, services) {
      const counter = await services.partnerDoor.enter(caller, systemId);
      const back = await services.packages.giveBack(caller, systemId, body.inputs.package, process);
      return packageReply(back, counter, services);
    },
  });
}

const rollback = givesBack(
  'rollback-purchase',
  'Undo a purchase',
  'As long as the leg was not begun; nothing is charged, and the vehicle is free.',
  ...(['tompRollbackPurchase', 'package.rollback'] as const),
);
const release = givesBack(
  'release-package',
  'Give back what was not confirmed',
  'The vehicle is free.',
  ...(['tompReleasePackage', 'package.release'] as const),
);
const cancel = givesBack(
  'cancel-package',
  'Cancel what was confirmed and not begun',
  'Nothing is charged, and the vehicle is free.',
  ...(['tompCancelPackage', 'package.cancel'] as const),
);

const assignAsset = route({
  ...{ method: 'POST', path: `${base}/processes/assign-asset/execution`, operationId: 'tompAssignAsset', tag },
  ...ofPackage,
  audit: 'package.assign-asset',
  summary: 'Name the vehicle of a package',
  description: 'An offer is of one vehicle: the same is taken, and another one refused.',
  body: {
    ...{ schema: as(assignAssetRequest, { id: 'TompAssetAssignment' }), ...json },
    examples: { same: { inputs: { package: packageId, asset: 'veh-k3vq7n2mzt5ahx6cwp4r' } } },
  },
  problems: [...theirs, 'asset-not-assignable'],
  permit: ({ path, body, caller }, services) => permit(caller, path.systemId, body.inputs.package, services),
  async handle({ path: { systemId }, body: { inputs }, caller }, services) {
    const counter = await services.partnerDoor.enter(caller, systemId);
    const read = await services.packages.requireAsset(caller, systemId, inputs.package, inputs.asset);
    return packageReply(read, counter, services);
  },
});

export const tompPurchaseRoutes: readonly SharingRoute[] = [
  ...[purchaseOffers, confirmPurchase, extendExpiry, rollback, release, cancel, assignAsset],
];
