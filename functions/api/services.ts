import type { StandingService } from '#shared/access/standing-service.ts';
import type { AuditService } from '#shared/audit/audit-service.ts';
import type { CommandService } from '#shared/commands/command-service.ts';
import type { ErasureService } from '#shared/erasure/erasure-service.ts';
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
import type { OperatorReportService } from '#shared/sharing/reports/operator-report-service.ts';
import type { SearchService } from '#shared/sharing/search/search-service.ts';
import type { SharingDoor } from '#shared/sharing/setup/acting.ts';
import type { CityService } from '#shared/sharing/setup/city-service.ts';
import type { OperatorService } from '#shared/sharing/setup/operator-service.ts';
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

/** What the routes call. */
export interface Services {
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
  /** Of shared vehicles. */
  readonly search: SearchService;
  readonly bookings: BookingService;
  readonly holds: HoldService;
  readonly forcedEnds: ForcedEndService;
  readonly reservations: ReservationService;
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
  readonly tripDesk: TripDesk;
  readonly myTrips: MyTripService;
  readonly webhooks: WebhookService;
  /** Of webhooks. */
  readonly deliveries: DeliveryDesk;
  /** Every brand of this deployment. */
  readonly brands: readonly Brand[];
  readonly clock: Clock;
}
