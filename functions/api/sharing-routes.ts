import { accountRoutes } from './routes/accounts.ts';
import { businessRoutes } from './routes/businesses.ts';
import { careRoutes } from './routes/care-routes.ts';
import { chargeRoutes } from './routes/charges.ts';
import { fieldFigureRoutes } from './routes/field-figures.ts';
import { fieldRelocationRoutes } from './routes/field-relocations.ts';
import { fieldTaskStepRoutes } from './routes/field-task-steps.ts';
import { fieldTaskRoutes } from './routes/field-tasks.ts';
import { fineRoutes } from './routes/fines.ts';
import { invoiceRoutes } from './routes/invoices.ts';
import { membershipRoutes } from './routes/memberships.ts';
import { mobilityDataRoutes } from './routes/mobility-data.ts';
import { myBillRoutes } from './routes/my-bills.ts';
import { myChargeRoutes } from './routes/my-charges.ts';
import { myReservationRoutes } from './routes/my-reservations.ts';
import { myRideRoutes } from './routes/my-rides.ts';
import { mySharingAccountRoutes } from './routes/my-sharing-account.ts';
import { mySharingSearchRoutes } from './routes/my-sharing-search.ts';
import { mySharingSystemRoutes } from './routes/my-sharing-systems.ts';
import { myTripRoutes } from './routes/my-trips.ts';
import { partnerAccountRoutes } from './routes/partner-accounts.ts';
import { partnerFeedRoutes } from './routes/partner-feeds.ts';
import { sharingCityRoutes } from './routes/sharing-city.ts';
import { sharingDriverRoutes } from './routes/sharing-drivers.ts';
import { sharingFleetRoutes } from './routes/sharing-fleet.ts';
import { sharingOperatorRoutes } from './routes/sharing-operators.ts';
import { sharingReportRoutes } from './routes/sharing-reports.ts';
import { sharingSystemRoutes } from './routes/sharing-systems.ts';
import { sharingTripRoutes } from './routes/sharing-trips.ts';
import { tompRoutes } from './routes/tomp.ts';
import { tompLegRoutes } from './routes/tomp-legs.ts';
import { tompOfferRoutes } from './routes/tomp-offers.ts';
import { tompPaymentRoutes } from './routes/tomp-payments.ts';
import { tompPurchaseRoutes } from './routes/tomp-purchase.ts';
import { webhookDeliveryRoutes } from './routes/webhook-deliveries.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import type { SharingRoute } from './sharing-route.ts';

/** What the function `sharing-api` serves: paths below `sharingPrefixes`. */
export const sharingRoutes: readonly SharingRoute[] = [
  ...sharingOperatorRoutes,
  ...sharingSystemRoutes,
  ...sharingCityRoutes,
  ...partnerFeedRoutes,
  ...partnerAccountRoutes,
  ...sharingFleetRoutes,
  ...sharingReportRoutes,
  ...mySharingSystemRoutes,
  ...mySharingSearchRoutes,
  ...mySharingAccountRoutes,
  ...myReservationRoutes,
  ...myRideRoutes,
  ...sharingDriverRoutes,
  ...sharingTripRoutes,
  ...myTripRoutes,
  ...fieldTaskRoutes,
  ...fieldTaskStepRoutes,
  ...fieldRelocationRoutes,
  ...fieldFigureRoutes,
  ...careRoutes,
  ...invoiceRoutes,
  ...myBillRoutes,
  ...chargeRoutes,
  ...myChargeRoutes,
  ...fineRoutes,
  ...accountRoutes,
  ...businessRoutes,
  ...membershipRoutes,
  ...tompRoutes,
  ...tompOfferRoutes,
  ...tompPurchaseRoutes,
  ...tompPaymentRoutes,
  // Whatever process is none of those: the last one, as the first that fits is taken.
  ...tompLegRoutes,
  ...webhookRoutes,
  ...webhookDeliveryRoutes,
  ...mobilityDataRoutes,
];
