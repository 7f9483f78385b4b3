import type {
  EcuConfiguration,
  SignedStatement,
  UpdateStatement,
  VehicleConfiguration,
} from '#shared/vehicle-cloud/update-envelopes.ts';
import type { EcuState } from './ecu-installer.ts';
import type { InstallationPlan } from './installation/installation.ts';
import type { Choice } from './offer.ts';
import type { Verification } from './preparation.ts';

/** What is known on board when an attempt has ended. */
export interface EndedAttempt {
  readonly vehicleId: string;
  readonly campaignId: string;
  readonly attempt: number;
  readonly outcome: UpdateStatement['outcome'];
  /** Absent where it never came to an installation. */
  readonly plan: InstallationPlan | undefined;
  readonly states: ReadonlyMap<string, EcuState>;
  readonly softwareVersion: string;
  readonly rxswins: Readonly<Record<string, string>>;
  readonly choice: Choice | undefined;
  readonly shown: UpdateStatement['shown'];
}

/** Bytes of JSON: MQTT takes 128 KB a message, and the report says what runs once more. */
const largest = 60_000;

export function statementOf(ended: EndedAttempt): UpdateStatement {
  const { vehicleId, campaignId, attempt, outcome, plan, shown } = ended;
  const checked = checkedIn(plan);
  const consent = consentIn(ended);
  const statement: UpdateStatement = {
    ...{
      vehicleId,
      campaignId,
      attempt,
      outcome,
      before: configurationBefore(ended),
      after: configurationAfter(ended),
    },
    ...(checked !== undefined && { checked }),
    ...(consent !== undefined && { consent }),
    shown,
  };
  return fitting(statement, plan);
}

export async function signedStatement(
  statement: UpdateStatement,
  sign: Verification['sign'],
): Promise<SignedStatement> {
  return { signed: statement, signatures: (await sign?.(statement)) ?? [] };
}

function configurationAfter({ states, plan, outcome, softwareVersion, rxswins }: EndedAttempt): VehicleConfiguration {
  const ecus = [...states].flatMap(([ecuId, state]) => ecuOf(ecuId, state) ?? []);
  if (outcome === 'failed' || plan === undefined) return { softwareVersion, rxswins, ecus };
  return { softwareVersion: plan.softwareVersion, rxswins: { ...rxswins, ...plan.rxswins }, ecus };
}

function configurationBefore(ended: EndedAttempt): VehicleConfiguration {
  const { plan, states, softwareVersion, rxswins } = ended;
  const planned = new Map((plan?.ecus ?? []).map((ecu) => [ecu.ecuId, ecu]));
  const others = [...states].flatMap(([ecuId, state]) => (planned.has(ecuId) ? [] : (ecuOf(ecuId, state) ?? [])));
  const changed = [...planned.values()].map(({ ecuId, hardwareId, serialNumber, from }): EcuConfiguration => {
    const { softwareVersion: version, releaseCounter, sha256 } = from.software;
    return { ecuId, hardwareId, serialNumber, softwareVersion: version, releaseCounter, sha256 };
  });
  return { softwareVersion, rxswins, ecus: [...changed, ...others] };
}

function ecuOf(ecuId: string, { slots, running, hardwareId, serialNumber }: EcuState): EcuConfiguration | undefined {
  const runs = slots[running];
  if (runs.status === 'empty') return undefined;
  const { softwareVersion, releaseCounter, sha256 } = runs.software;
  return { ecuId, hardwareId, serialNumber, softwareVersion, releaseCounter, sha256 };
}

function checkedIn(plan: InstallationPlan | undefined): UpdateStatement['checked'] {
  if (plan?.conditions === undefined || plan.metadataIssuedAt === undefined) return undefined;
  const { conditions, metadataIssuedAt, beganAt, preconditions } = plan;
  return {
    ...{ at: Math.round(beganAt), metadataIssuedAt: Math.round(metadataIssuedAt), preconditions },
    conditions: { ...conditions, battery: Math.floor(conditions.battery) },
  };
}

function consentIn({ choice, campaignId }: EndedAttempt): UpdateStatement['consent'] {
  if (choice?.campaignId !== campaignId || choice.decision.kind !== 'accept') return undefined;
  const { revision, at, decision, language = 'en' } = choice;
  return { revision, at: Math.round(at), from: decision.from, to: decision.to, language };
}

function fitting(statement: UpdateStatement, plan: InstallationPlan | undefined): UpdateStatement {
  if (Buffer.byteLength(JSON.stringify(statement)) <= largest) return statement;
  const concerned = new Set((plan?.ecus ?? []).map(({ ecuId }) => ecuId));
  const only = (all: VehicleConfiguration) => ({ ...all, ecus: all.ecus.filter(({ ecuId }) => concerned.has(ecuId)) });
  return { ...statement, before: only(statement.before), after: only(statement.after) };
}
