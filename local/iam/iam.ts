import { AwsError } from '#local/aws-error.ts';
import type { State } from '#local/state/collection.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { type AccessKey, newAccessKey } from './access-keys.ts';
import { type Decision, evaluate } from './evaluate.ts';
import { managedPolicies } from './managed-policies.ts';
import { type CompiledStatement, compilePolicy } from './policy.ts';
import type { Permission, Principal } from './principal.ts';
import { ResourcePolicy } from './resource-policy.ts';

export interface RoleDefinition {
  readonly roleName: string;
  readonly arn: string;
  readonly trustPolicy: unknown;
  readonly tags: Readonly<Record<string, string>>;
}

interface Role {
  readonly principal: Principal & { readonly kind: 'role' };
  readonly trust: ResourcePolicy;
  readonly tags: Readonly<Record<string, string>>;
  /** By the name of the policy, so that a policy that is put again replaces itself. */
  readonly policies: Map<string, readonly CompiledStatement[]>;
  statements: readonly CompiledStatement[];
}

type Context = Readonly<Record<string, string | readonly string[]>>;

/** The account's identities: roles with their policies, access keys, and the policies of resources. */
export class Iam {
  readonly #accountId: string;
  readonly #clock: Clock;
  readonly #roles = new Map<string, Role>();
  readonly #managed = new Map<string, readonly CompiledStatement[]>();
  readonly #keys = new Map<string, { readonly secretAccessKey: string; readonly principal: Principal }>();
  readonly #resourcePolicies = new Map<string, ResourcePolicy>();
  /** The key of the person whose machine this is; the same at every start of the same state directory. */
  readonly administratorKey: AccessKey;

  constructor({ accountId, state, clock }: { accountId: string; state: State; clock: Clock }) {
    this.#accountId = accountId;
    this.#clock = clock;
    const keys = state.collection<AccessKey>('iam/access-keys');
    const kept = keys.get('administrator');
    this.administratorKey = kept ?? newAccessKey();
    if (kept === undefined) keys.set('administrator', this.administratorKey);
    this.#keys.set(this.administratorKey.accessKeyId, {
      secretAccessKey: this.administratorKey.secretAccessKey,
      principal: { kind: 'administrator', arn: `arn:aws:iam::${accountId}:user/administrator` },
    });
  }

  /** @throws Error when the trust policy is not understood */
  putRole({ roleName, arn, trustPolicy, tags }: RoleDefinition): void {
    this.#roles.set(arn, {
      principal: { kind: 'role', arn, roleName },
      trust: new ResourcePolicy(trustPolicy, 'trust', `The trust policy of ${roleName}`),
      tags,
      policies: new Map(),
      statements: [],
    });
  }

  /** @throws Error when the role does not exist or the document is not understood */
  putRolePolicy(roleName: string, policyName: string, document: unknown): void {
    const where = `The policy ${policyName} of the role ${roleName}`;
    this.#attach(this.#roleNamed(roleName), policyName, compilePolicy(document, 'identity', where));
  }

  putManagedPolicy(policyArn: string, document: unknown): void {
    this.#managed.set(policyArn, compilePolicy(document, 'identity', `The policy ${policyArn}`));
  }

  /** @throws Error on a policy of AWS whose content the local cloud does not know */
  attachManagedPolicy(roleName: string, policyArn: string): void {
    const own = this.#managed.get(policyArn);
    const document = managedPolicies.get(policyArn);
    if (own === undefined && document === undefined) {
      throw new Error(`The managed policy ${policyArn} is not known to the local cloud`);
    }
    this.#attach(this.#roleNamed(roleName), policyArn, own ?? compilePolicy(document, 'identity', policyArn));
  }

  /** Puts a policy at a resource; `authorize` and `authorizeService` ask it from then on. */
  putResourcePolicy(resourceArn: string, document: unknown): void {
    this.#resourcePolicies.set(resourceArn, new ResourcePolicy(document, 'resource', `The policy of ${resourceArn}`));
  }

  hasRole(roleArn: string): boolean {
    return this.#roles.has(roleArn);
  }

  tagsOf(roleArn: string): Readonly<Record<string, string>> {
    return this.#roles.get(roleArn)?.tags ?? {};
  }

  /**
   * Whether a role's trust policy lets a service take the role.
   *
   * @param context condition keys of the request, e.g. `aws:SourceArn`
   */
  canAssume(roleArn: string, servicePrincipal: string, context: Context = {}): boolean {
    const role = this.#roles.get(roleArn);
    if (role === undefined) return false;
    const permission = {
      action: 'sts:AssumeRole',
      resource: roleArn,
      context: { 'aws:SourceAccount': this.#accountId, ...this.#surroundings(), ...context },
    };
    return role.trust.evaluate({ kind: 'service', name: servicePrincipal }, permission) === 'allow';
  }

  /** @throws AwsError AccessDeniedException when the role does not trust the service */
  assume(roleArn: string, servicePrincipal: string, context: Context = {}): Principal {
    const role = this.#roles.get(roleArn);
    if (role !== undefined && this.canAssume(roleArn, servicePrincipal, context)) return role.principal;
    const message = `${servicePrincipal} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    throw new AwsError('AccessDeniedException', 403, message);
  }

  /** A new access key that acts as this role, for as long as the process lives. */
  issueKey(roleArn: string): AccessKey {
    const role = this.#roles.get(roleArn);
    if (role === undefined) throw new Error(`The role ${roleArn} does not exist`);
    const key = newAccessKey();
    this.#keys.set(key.accessKeyId, { secretAccessKey: key.secretAccessKey, principal: role.principal });
    return key;
  }

  find(accessKeyId: string): { readonly secretAccessKey: string; readonly principal: Principal } | undefined {
    return this.#keys.get(accessKeyId);
  }

  /** @throws AwsError AccessDeniedException that names the first permission that is missing */
  authorize(principal: Principal, permissions: readonly Permission[]): void {
    for (const permission of permissions) this.#authorizeOne(principal, permission);
  }

  /**
   * Whether a service may do something on its own behalf: only the policy of the resource can allow it.
   *
   * @throws AwsError AccessDeniedException
   */
  authorizeService(servicePrincipal: string, permission: Permission): void {
    const asked = this.#completed(permission, { 'aws:SourceAccount': this.#accountId });
    const caller = { kind: 'service', name: servicePrincipal } as const;
    const decision =
      this.#resourcePolicies.get(holderOf(permission.resource))?.evaluate(caller, asked) ?? 'deny-implicit';
    if (decision !== 'allow') throw denied(servicePrincipal, permission, decision, 'resource-based');
  }

  #authorizeOne(principal: Principal, permission: Permission): void {
    if (principal.kind === 'administrator') {
      this.#authorizeAdministrator(principal, permission);
      return;
    }
    const role = this.#roles.get(principal.arn);
    const tags = Object.entries(role?.tags ?? {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]);
    const asked = this.#completed(permission, {
      'aws:PrincipalArn': principal.arn,
      'aws:PrincipalAccount': this.#accountId,
      'aws:PrincipalType': 'AssumedRole',
      ...Object.fromEntries(tags),
    });
    const user = assumedRole(principal.arn);
    const own = evaluate(role?.statements ?? [], asked);
    if (own === 'deny-explicit') throw denied(user, permission, own, 'identity-based');
    const resource =
      this.#resourcePolicies.get(holderOf(permission.resource))?.evaluate(principal, asked) ?? 'deny-implicit';
    if (resource === 'deny-explicit') throw denied(user, permission, resource, 'resource-based');
    // Within one account either side can allow.
    if (own !== 'allow' && resource !== 'allow') throw denied(user, permission, own, 'identity-based');
  }

  /** Allowed everything by its own policy, and refused what the policy of a resource refuses to everybody. */
  #authorizeAdministrator(principal: Principal, permission: Permission): void {
    const policy = this.#resourcePolicies.get(holderOf(permission.resource));
    if (policy === undefined) return;
    const asked = this.#completed(permission, {
      'aws:PrincipalArn': principal.arn,
      'aws:PrincipalAccount': this.#accountId,
      'aws:PrincipalType': 'User',
    });
    const decision = policy.evaluate(principal, asked);
    if (decision === 'deny-explicit') throw denied(principal.arn, permission, decision, 'resource-based');
  }

  #completed(permission: Permission, more: Context): Permission {
    return { ...permission, context: { ...this.#surroundings(), ...more, ...permission.context } };
  }

  #surroundings(): Context {
    const now = this.#clock.now();
    return {
      'aws:CurrentTime': new Date(now).toISOString(),
      'aws:EpochTime': String(Math.floor(now / 1000)),
      // The loopback interface takes the place of TLS, so that `enforceSSL` refuses nobody.
      'aws:SecureTransport': 'true',
    };
  }

  #attach(role: Role, policyName: string, statements: readonly CompiledStatement[]): void {
    role.policies.set(policyName, statements);
    role.statements = [...role.policies.values()].flat();
  }

  #roleNamed(roleName: string): Role {
    for (const role of this.#roles.values()) if (role.principal.roleName === roleName) return role;
    throw new Error(`The role ${roleName} does not exist`);
  }
}

/** The policy of a bucket stands at the bucket and speaks of its objects, too. */
function holderOf(resource: string): string {
  return resource.startsWith('arn:aws:s3:::') ? (resource.split('/')[0] ?? resource) : resource;
}

/** AWS names the session of a role in its errors, not the role. */
function assumedRole(roleArn: string): string {
  const name = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return `arn:aws:sts::${roleArn.split(':')[4]}:assumed-role/${name}/local`;
}

function denied(user: string, { action, resource }: Permission, decision: Decision, side: string): AwsError {
  const reason =
    decision === 'deny-explicit'
      ? `with an explicit deny in a${side === 'identity-based' ? 'n' : ''} ${side} policy`
      : `because no ${side} policy allows the ${action} action`;
  const message = `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
  return new AwsError('AccessDeniedException', 403, message);
}
