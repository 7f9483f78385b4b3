import type { EcuReport } from './envelopes.ts';

/**
 * What travels between a vehicle and the cloud about its software. Times are milliseconds since the Unix epoch.
 * The same shapes stand behind every device cloud; only how a vehicle is told to go differs (on AWS: a job).
 */

/** The twin whose desired half is an `OtaDesired`: a vehicle that was away finds its offer when it comes back. */
export const otaTwin = 'ota';

/** Campaigns may overlap; a vehicle is offered one update at a time, the most urgent. */
export interface OtaDesired {
  readonly offer: UpdateOffer | null;
}

/** What car and app show: both from this one object, so that they say the same. At most 6 KB. */
export interface UpdateOffer {
  readonly campaignId: string;
  readonly releaseId: string;
  /** Rises with each change of this vehicle's offer: a decision names the one that it was made of. */
  readonly revision: number;
  /** The vehicle's software as a whole, after the update. */
  readonly softwareVersion: string;
  /** By BCP 47 language. */
  readonly texts: Readonly<Record<string, OfferText>>;
  /** How long the vehicle cannot be used. */
  readonly minutes: number;
  /** To be downloaded, at the most. */
  readonly bytes: number;
  readonly preconditions: readonly Precondition[];
  /** A recall cannot be muted. */
  readonly recall: boolean;
  readonly consentBy: 'owner' | 'operator';
  readonly state: OfferState;
}

export interface OfferText {
  readonly title: string;
  /** What it brings. */
  readonly notes: string;
  /** What cannot be used meanwhile, as the driver calls it. */
  readonly unavailable: string;
}

/** What must hold before and during an installation. */
export type Precondition =
  | { readonly kind: 'parked' }
  | { readonly kind: 'ignition-off' }
  /** Enough for the installation and for falling back, percent. */
  | { readonly kind: 'battery'; readonly percent: number }
  /** No charging cable under tension. */
  | { readonly kind: 'not-charging' };

export type OfferState =
  | { readonly status: 'offered' }
  /** Not shown again before `remindAt`. */
  | { readonly status: 'declined'; readonly remindAt: number }
  /** Found under "available updates", never shown by itself. */
  | { readonly status: 'muted' }
  /** To be installed between the two instants. */
  | { readonly status: 'accepted'; readonly from: number; readonly to: number }
  /** Nothing of it may begin; what has begun to be installed is finished. */
  | { readonly status: 'stopped' };

/** What the driver says, on the car's screen or in the app. */
export type Decision =
  | { readonly kind: 'accept'; readonly from: number; readonly to: number }
  | { readonly kind: 'decline' }
  | { readonly kind: 'mute' };

/**
 * Vehicle → cloud. Each may come twice, late and out of order: `attempt` counts the offers taken up (a retry is
 * another one), `sequence` rises with each report of one attempt.
 */
export type UpdateReport =
  | {
      readonly kind: 'decision';
      readonly campaignId: string;
      readonly revision: number;
      readonly decision: Decision;
      readonly at: number;
    }
  | {
      readonly kind: 'progress';
      readonly campaignId: string;
      readonly attempt: number;
      readonly sequence: number;
      readonly phase: UpdatePhase;
      /** 0 … 100 of this phase. */
      readonly percent: number;
      /** What does not hold, where the phase is `waiting`. */
      readonly waitsFor?: readonly Precondition['kind'][];
      readonly at: number;
    }
  | ({
      readonly kind: 'result';
      readonly campaignId: string;
      readonly attempt: number;
      readonly sequence: number;
      /** Whether the vehicle may be driven, as its own health check says. */
      readonly safety: 'safe' | 'unsafe-to-drive';
      readonly ecus: readonly EcuReport[];
      /** A `SignedStatement`, for whoever checks it later; older vehicles make none. */
      readonly statement?: unknown;
      readonly at: number;
    } & UpdateOutcome)
  | {
      /** A workshop has repaired a vehicle that this attempt had left unsafe: it may be driven again. */
      readonly kind: 'repaired';
      readonly campaignId: string;
      readonly attempt: number;
      readonly sequence: number;
      readonly ecus: readonly EcuReport[];
      readonly at: number;
    }
  | {
      /** Asks the Director what to install; answered by a `DirectorAnswer`. */
      readonly kind: 'ask';
      readonly requestId: string;
      readonly campaignId: string;
      /** A vehicle asks before it downloads, and again before it installs. */
      readonly purpose: 'download' | 'install';
      /** The Uptane vehicle version manifest, signed; a `PackedManifest` where it would be too large for a message. */
      readonly manifest: unknown;
    };

/** `waiting`: for the time that was chosen, or for what must hold. */
export type UpdatePhase = 'downloading' | 'waiting' | 'installing' | 'checking' | 'falling-back';

export type UpdateOutcome =
  | { readonly outcome: 'installed'; readonly softwareVersion: string }
  | {
      readonly outcome: 'failed';
      readonly error: UpdateErrorClass;
      /** One sentence for whoever assists. */
      readonly detail: string;
      /** The ECU where it failed. */
      readonly ecuId?: string;
      /** The attack that was refused, by its name in the Uptane standard: `rollback`, `freeze`, `mix-and-match` … */
      readonly attack?: string;
    };

/** Its JSON, by gzip (RFC 1952), in base64. */
export interface PackedManifest {
  readonly gzip: string;
}

/** What a retry depends on. */
export type UpdateErrorClass =
  | 'network' // download could not be finished
  | 'storage' // no room
  | 'verification' // metadata or image refused: an attack, or a mistake in the cloud
  | 'precondition' // something that must hold broke, the old software runs again
  | 'installation' // an ECU refused or failed, the old software runs again
  | 'health' // the new software was not healthy, the old one runs again
  | 'incompatible' // the ECUs on board are not what the release is for
  | 'power' // energy for going on and going back was not there
  | 'cancelled' // the campaign or the vehicle's own update was cancelled
  | 'unrecovered'; // neither old nor new runs: the car stays where it is

/** Cloud → vehicle, on the vehicle's own topic. At most 128 KB. */
export type DirectorAnswer =
  | {
      readonly kind: 'metadata';
      readonly requestId: string;
      /** The vehicle's own Director repository, each file as its text: signatures are over bytes. */
      readonly director: {
        /** Every root after the one the manifest names, in order. */
        readonly roots: readonly string[];
        readonly timestamp: string;
        readonly snapshot: string;
        readonly targets: string;
      };
      /** Where the Image repository's metadata is read. */
      readonly repository: DownloadGrant;
      /** Where the images of this release are read. */
      readonly images: DownloadGrant;
    }
  | {
      readonly kind: 'refused';
      readonly requestId: string;
      /** Kebab-case: `stopped`, `not-released`, `unknown-ecu`, `stale-manifest` … */
      readonly reason: string;
      readonly detail: string;
      /** Present where it is worth while to ask again. */
      readonly retryAt?: number;
    };

/** `<baseUrl><path>?<query>` may be read, by ranges, until it expires; then the vehicle asks again. */
export interface DownloadGrant {
  /** Ends with `/`. */
  readonly baseUrl: string;
  /** Without the question mark; empty where nothing is signed. */
  readonly query: string;
  readonly expiresAt: number;
}

/** What a job says: everything else the vehicle asks for, so that a job never grows old. */
export interface UpdateJobDocument {
  readonly fleetloom: 'update';
  /** Absent in the job that stands for campaigns that have closed: whatever has been consented to. */
  readonly campaignId?: string;
}

/** By the Primary's key, which the Director knows (OLPC canonical JSON); empty where the vehicle has none. */
export interface SignedStatement {
  readonly signed: UpdateStatement;
  readonly signatures: readonly { readonly keyid: string; readonly method: string; readonly sig: string }[];
}

/** What a vehicle says of one attempt for the record (UN R156, 7.2.2). Whole numbers alone, so that it can be signed. */
export interface UpdateStatement {
  readonly vehicleId: string;
  readonly campaignId: string;
  readonly attempt: number;
  readonly outcome: UpdateOutcome['outcome'];
  readonly before: VehicleConfiguration;
  readonly after: VehicleConfiguration;
  /** Before the first write; absent where it never came so far. */
  readonly checked?: {
    readonly at: number;
    /** The Director's Timestamp, which was verified with all that hangs on it. */
    readonly metadataIssuedAt: number;
    readonly preconditions: readonly Precondition[];
    readonly conditions: {
      readonly parked: boolean;
      readonly ignitionOn: boolean;
      /** Percent. */
      readonly battery: number;
      readonly charging: boolean;
    };
  };
  /** What was decided on the vehicle's own screen; absent where it was decided elsewhere. */
  readonly consent?: {
    readonly revision: number;
    readonly at: number;
    readonly from: number;
    readonly to: number;
    /** The language in which the offer stood there. */
    readonly language: string;
  };
  /** What the screen says of the result. */
  readonly shown: { readonly language: string; readonly text: string };
}

export interface VehicleConfiguration {
  readonly softwareVersion: string;
  /** By UN regulation. */
  readonly rxswins: Readonly<Record<string, string>>;
  /** Where all would not fit a message: those that the update is for. */
  readonly ecus: readonly EcuConfiguration[];
}

export interface EcuConfiguration extends EcuReport {
  readonly serialNumber: string;
  /** Of the image that runs, hex. */
  readonly sha256: string;
}
