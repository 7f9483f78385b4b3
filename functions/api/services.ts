import type { StandingService } from '#shared/access/standing-service.ts';
import type { AuditService } from '#shared/audit/audit-service.ts';
import type { CommandService } from '#shared/commands/command-service.ts';
import type { ErasureService } from '#shared/erasure/erasure-service.ts';
import type { KeptPersons } from '#shared/erasure/kept-persons.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { CaseService } from '#shared/ota/assistance/case-service.ts';
import type { CampaignService } from '#shared/ota/campaigns/campaign-service.ts';
import type { RequestService } from '#shared/ota/campaigns/request-service.ts';
import type { EcuService } from '#shared/ota/director/ecu-service.ts';
import type { EvidenceArchive } from '#shared/ota/evidence/evidence-archive.ts';
import type { HardwareService } from '#shared/ota/releases/hardware-service.ts';
import type { ReleaseService } from '#shared/ota/releases/release-service.ts';
import type { UploadService } from '#shared/ota/releases/upload-service.ts';
import type { RepositoryService } from '#shared/ota/repository/repository-service.ts';
import type { UpdateService } from '#shared/ota/updates/update-service.ts';
import type { ClaimService } from '#shared/ownership/claim-service.ts';
import type { OwnershipService } from '#shared/ownership/ownership-service.ts';
import type { AccountDesk } from '#shared/partners/account-desk.ts';
import type { PartnerFeedService } from '#shared/partners/assets/partner-feed-service.ts';
import type { PartnerReservations } from '#shared/partners/assets/partner-reservations.ts';
import type { PartnerTripDesk } from '#shared/partners/assets/partner-trip-desk.ts';
import type { JournalService } from '#shared/partners/journal-service.ts';
import type { LegService } from '#shared/partners/leg-service.ts';
import type { OfferService } from '#shared/partners/offer-service.ts';
import type { PackageReader } from '#shared/partners/package-reader.ts';
import type { PackageService } from '#shared/partners/package-service.ts';
import type { PartnerDoor } from '#shared/partners/partner-door.ts';
import type { PurchaseService } from '#shared/partners/purchase-service.ts';
import type { Brand } from '#shared/registry/brand.ts';
import type { CertificateService } from '#shared/registry/certificate-service.ts';
import type { MoveService } from '#shared/registry/move-service.ts';
import type { VehicleRepository } from '#shared/registry/vehicle-repository.ts';
import type { VehicleService } from '#shared/registry/vehicle-service.ts';
import type { SecurityDesk } from '#shared/security/security-service.ts';
import type { AccountService } from '#shared/sharing/bookings/account-service.ts';
import type { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import type { ForcedEndService } from '#shared/sharing/bookings/forced-end-service.ts';
import type { HoldService } from '#shared/sharing/bookings/hold-service.ts';
import type { KeyService } from '#shared/sharing/bookings/key-service.ts';
import type { ReservationService } from '#shared/sharing/bookings/reservation-service.ts';
import type { CardService } from '#shared/sharing/care/card-service.ts';
import type { DamageService } from '#shared/sharing/care/damage-service.ts';
import type { DirtService } from '#shared/sharing/care/dirt-service.ts';
import type { ExpenseService } from '#shared/sharing/care/expense-service.ts';
import type { LostService } from '#shared/sharing/care/lost-service.ts';
import type { OpeningService } from '#shared/sharing/care/opening-service.ts';
import type { PhotoDesk } from '#shared/sharing/care/photo-desk.ts';
import type { PhotoService } from '#shared/sharing/care/photo-service.ts';
import type { FiguresService } from '#shared/sharing/field/figures-service.ts';
import type { RelocationService } from '#shared/sharing/field/relocation-service.ts';
import type { TaskList } from '#shared/sharing/field/task-list.ts';
import type { TaskDesk, TaskService } from '#shared/sharing/field/task-service.ts';
import type { BillService } from '#shared/sharing/ledger/bill-service.ts';
import type { BusinessMonthService } from '#shared/sharing/ledger/business-month-service.ts';
import type { BusinessReceiptService } from '#shared/sharing/ledger/business-receipt-service.ts';
import type { BusinessService } from '#shared/sharing/ledger/business-service.ts';
import type { ChargeDesk } from '#shared/sharing/ledger/charge-desk.ts';
import type { FineService } from '#shared/sharing/ledger/fine-service.ts';
import type { InvoiceService } from '#shared/sharing/ledger/invoice-service.ts';
import type { MonthService } from '#shared/sharing/ledger/month-service.ts';
import type { MobilityService } from '#shared/sharing/mobility-data/mobility-service.ts';
import type { OperatorReportService } from '#shared/sharing/reports/operator-report-service.ts';
import type { SearchService } from '#shared/sharing/search/search-service.ts';
import type { SharingDoor } from '#shared/sharing/setup/acting.ts';
import type { CityService } from '#shared/sharing/setup/city-service.ts';
import type { OperatorService } from '#shared/sharing/setup/operator-service.ts';
import type { SharingSetup } from '#shared/sharing/setup/setup-repository.ts';
import type { SharedFleetService } from '#shared/sharing/setup/shared-fleet-service.ts';
import type { SystemService } from '#shared/sharing/setup/system-service.ts';
import type { MyTripService } from '#shared/sharing/trips/my-trip-service.ts';
import type { TripDesk } from '#shared/sharing/trips/trip-desk.ts';
import type { TelemetryService } from '#shared/telemetry/telemetry-service.ts';
import type { ExportService } from '#shared/transfers/export-service.ts';
import type { ImportService } from '#shared/transfers/import-service.ts';
import type { TwinService } from '#shared/twins/twin-service.ts';
import type { DeliveryDesk } from '#shared/webhooks/delivery-desk.ts';
import type { WebhookService } from '#shared/webhooks/webhook-service.ts';

/** What the routes of either function call. */
interface CommonServices {
  readonly persons: KeptPersons;
  /** Every brand of this deployment. */
  readonly brands: readonly Brand[];
  readonly clock: Clock;
}

/** What the routes of vehicles call, which the function `api` serves. */
export interface VehicleServices extends CommonServices {
  readonly vehicles: VehicleService;
  readonly certificates: CertificateService;
  readonly moves: MoveService;
  readonly twins: TwinService;
  readonly commands: CommandService;
  readonly telemetry: TelemetryService;
  readonly audit: AuditService;
  readonly standings: StandingService;
  readonly imports: ImportService;
  readonly exports: ExportService;
  readonly ownership: OwnershipService;
  readonly claims: ClaimService;
  /** For a person, who acts for no brand: only after it is known that the vehicle is theirs to see. */
  readonly registry: Pick<VehicleRepository, 'load'>;
  readonly erasures: ErasureService;
  readonly campaigns: CampaignService;
  readonly updates: UpdateService;
  readonly requests: RequestService;
  readonly cases: CaseService;
  readonly releases: ReleaseService;
  readonly uploads: UploadService;
  readonly hardware: HardwareService;
  readonly repositories: RepositoryService;
  readonly ecus: EcuService;
  readonly evidence: EvidenceArchive;
  readonly security: SecurityDesk;
}

/** What the routes of sharing, of partners and of webhooks call, which the function `sharing-api` serves. */
export interface SharingServices extends CommonServices {
  /** Of shared vehicles. */
  readonly search: SearchService;
  readonly bookings: BookingService;
  readonly holds: Pick<HoldService, 'hold'>;
  readonly forcedEnds: ForcedEndService;
  readonly reservations: ReservationService;
  /** Where the vehicle may be a partner's. */
  readonly partnerReservations: PartnerReservations;
  /** Partners whose assets are offered here. */
  readonly partnerFeeds: PartnerFeedService;
  /** Of whose uses somebody has to say what they cost. */
  readonly partnerTrips: PartnerTripDesk;
  readonly accounts: AccountService;
  /** Digital keys of shared vehicles. */
  readonly keys: KeyService;
  /** Whose operator, city or shared vehicle it is. */
  readonly sharingDoor: SharingDoor;
  readonly operators: OperatorService;
  readonly systems: SystemService;
  readonly cities: CityService;
  readonly sharedFleet: SharedFleetService;
  readonly operatorReports: OperatorReportService;
  /** Of field staff. */
  readonly fieldTasks: TaskService;
  readonly taskDesk: TaskDesk;
  readonly taskList: TaskList;
  readonly relocations: RelocationService;
  readonly figures: FiguresService;
  readonly tripDesk: TripDesk;
  readonly invoices: InvoiceService;
  readonly bills: BillService;
  readonly chargeDesk: ChargeDesk;
  readonly fines: FineService;
  /** What an operator's months came to. */
  readonly accountMonths: MonthService;
  readonly businesses: BusinessService;
  readonly businessMonths: BusinessMonthService;
  readonly businessReceipts: BusinessReceiptService;
  readonly myTrips: MyTripService;
  /** Of shared vehicles, by those who had them. */
  readonly photos: PhotoService;
  readonly photoDesk: PhotoDesk;
  readonly damages: DamageService;
  readonly dirt: DirtService;
  readonly lostItems: LostService;
  /** Charge and fuel cards. */
  readonly cards: CardService;
  readonly expenses: ExpenseService;
  /** By support, for a driver who is locked out. */
  readonly openings: OpeningService;
  /** Lets partners in where an operator has named them. */
  readonly partnerDoor: PartnerDoor;
  readonly offers: OfferService;
  readonly purchases: PurchaseService;
  /** What partners have bought. */
  readonly packages: PackageService;
  readonly packageReader: PackageReader;
  readonly legs: LegService;
  readonly journal: JournalService;
  /** What partners owe, as their operator settles it. */
  readonly partnerAccounts: AccountDesk;
  readonly plans: Pick<SharingSetup, 'plan'>;
  readonly webhooks: WebhookService;
  /** Of webhooks. */
  readonly deliveries: DeliveryDesk;
  /** What cities may know. */
  readonly mobility: MobilityService;
}

export type Services = VehicleServices & SharingServices;
