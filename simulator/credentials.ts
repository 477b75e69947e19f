import { randomBytes } from 'node:crypto'
import type { Denial, OrganizationState, SimulatedRole } from './state.ts'

/** Who calls, with which key and what permissions. */
export interface Principal {
  kind: 'user' | 'session'
  accountId: string
  arn: string
  userId: string
  accessKeyId: string
  secret: string
  token: string | undefined
  expires: Date | undefined
  /** Name of the role that a session is of. */
  role?: string
  allow: string[]
  deny: Denial[]
}

/** The access keys: those of the state's users and those that AssumeRole issued. */
export class Sessions {
  readonly #principals = new Map<string, Principal>()
  #nextSweep = 10_000

  constructor(state: OrganizationState) {
    for (const [accountId, { users }] of state.accounts) {
      for (const user of users) {
        this.#principals.set(user.accessKeyId, {
          kind: 'user',
          accountId,
          arn: `arn:${state.partition}:iam::${accountId}:user/${user.name}`,
          userId: `AIDA${user.accessKeyId.slice(4)}`,
          accessKeyId: user.accessKeyId,
          secret: user.secretAccessKey,
          token: undefined,
          expires: undefined,
          allow: user.allow,
          deny: user.deny ?? [],
        })
      }
    }
  }

  find(accessKeyId: string): Principal | undefined {
    return this.#principals.get(accessKeyId)
  }

  /** Issues temporary credentials. */
  issue(accountId: string, role: SimulatedRole, name: string, expires: Date): Principal {
    this.#sweep(expires)
    const principal: Principal = {
      kind: 'session',
      accountId,
      arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${name}`,
      userId: `${roleIdOf(role.name)}:${name}`,
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secret: randomBytes(30).toString('base64'),
      token: randomBytes(60).toString('base64'),
      expires,
      role: role.name,
      allow: role.allow,
      deny: role.deny,
    }
    this.#principals.set(principal.accessKeyId, principal)
    return principal
  }

  /** Forgets sessions a day after their expiry: until then they answer that they expired. */
  #sweep(now: Date): void {
    if (this.#principals.size < this.#nextSweep) return
    for (const [key, { expires }] of this.#principals) {
      if (expires && now.getTime() - expires.getTime() > 86_400_000) this.#principals.delete(key)
    }
    this.#nextSweep = this.#principals.size * 2
  }
}

/** The unique id of a role, made of its name. */
export function roleIdOf(name: string): string {
  return `AROA${Buffer.from(name).toString('hex').toUpperCase().slice(0, 16).padEnd(16, 'X')}`
}
