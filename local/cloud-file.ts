import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that a client of a running local cloud needs; `cloud.json` in its state directory. */
export interface CloudFile {
  readonly region: string;
  readonly accountId: string;
  readonly aws: { readonly endpoint: string; readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly mqtt: DeviceGateway;
  readonly claim: { readonly certificateFile: string; readonly privateKeyFile: string; readonly templateName: string };
  readonly api: { readonly baseUrl: string; readonly openapi: string };
  readonly identity: {
    readonly issuer: string;
    readonly tokenUrl: string;
    readonly clients: readonly MachineClient[];
    readonly app: PeopleApp;
    readonly users: readonly SeededUser[];
  };
  /** GBFS of the city that `npm start` sets up: its `gbfs.json`, which names every other file. */
  readonly gbfs: string;
  /** MDS 2.0 of the same city, for its client `city`: the address that MDS's paths follow. */
  readonly mds: string;
  /** The second device cloud; absent where no brand is at home there. */
  readonly azure?: AzureFile;
}

/** Where the hub of the second device cloud is on this machine. */
export interface AzureFile {
  /** The hub's name in its own cloud; clients go on using it. */
  readonly hub: string;
  readonly host: string;
  /** The service API, and the directory's tokens. */
  readonly https: number;
  readonly mqtt: number;
  readonly amqp: number;
  readonly caFile: string;
  /** For an operator's own tools. */
  readonly serviceConnectionString: string;
  /** Where clients of Event Hubs read what its devices say. */
  readonly eventHubs: { readonly connectionString: string };
  /** Where vehicles ask for their hub. */
  readonly provisioning: {
    readonly host: string;
    /** MQTT; the hub's own. */
    readonly port: number;
    readonly scope: string;
    readonly httpsPort: number;
    readonly serviceConnectionString: string;
  };
  /** Signs vehicles' certificates, as their plant does. */
  readonly plant: { readonly certificateFile: string; readonly privateKeyFile: string };
}

/** Where devices connect, and whom they trust. */
export interface DeviceGateway {
  readonly host: string;
  readonly port: number;
  /** Serves the data plane to devices with their certificate, as port 8443 does on AWS. */
  readonly httpsPort: number;
  /** MQTT for callers with AWS keys, who sign the address for `iotdevicegateway`; port 443 on AWS. */
  readonly websocketUrl: string;
  readonly caFile: string;
}

/** The public client through which people sign in: authorization code with PKCE, or a name and a password. */
export interface PeopleApp {
  readonly clientId: string;
  readonly authorizeUrl: string;
  /** A page of the local cloud that shows what came of the sign-in. */
  readonly redirectUri: string;
}

/** Somebody to try things with. */
export interface SeededUser {
  /** What they play: `driver`, `second-driver`. */
  readonly name: string;
  readonly username: string;
  readonly password: string;
}

/** An OAuth2 client for client credentials, with its own secret. */
export interface MachineClient {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly brands: readonly string[];
}

/** It appears whole or not at all, for its owner's eyes alone: it holds secrets. */
export function writeCloudFile(stateDirectory: string, cloud: CloudFile): string {
  const file = cloudFilePath(stateDirectory);
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(cloud, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
  return file;
}

/** While no cloud is ready, no file says that one is. */
export function removeCloudFile(stateDirectory: string): void {
  rmSync(cloudFilePath(stateDirectory), { force: true });
}

export function cloudFilePath(stateDirectory: string): string {
  return join(stateDirectory, 'cloud.json');
}
