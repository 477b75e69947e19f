import { DELETE_POINT, emptying, isImmutable } from '../derive/vault-emptying.ts'
import type { StoredRow } from '../lake/table.ts'
import { decide } from '../policy/decide.ts'
import { examplesOf } from '../policy/examples.ts'
import { type Power, type PowerName, powers } from '../policy/powers.ts'
import { decisive, tellApart } from '../policy/things.ts'
import type { Principal, Resource } from '../policy/types.ts'
import { kindAt } from '../policy/witness.ts'
import { UsageError } from '../usage-error.ts'
import type { Guardrails } from './people.ts'
import { statementsBy } from './statements.ts'
import type { Thing } from './thing.ts'

/** What one can do, by one row of the table of powers. */
export interface PowerHeld {
  service: string
  kind_of_thing: string
  decision: 'allowed' | 'conditional'
  /** `some`: only over what its policies name. */
  extent: 'all' | 'some'
  actions: string[]
  statements: string[]
  /** Of backups in a vault: `at once`, or `unlocked`, once it has taken off what protects them. */
  way: 'at once' | 'unlocked' | null
}

/** A power over one resource, ready to be asked of principals. */
export interface PowerOver {
  /** Whether who is of another account may hold it: only where the resource has a policy that can let them in. */
  reachesOthers: boolean
  /** Why nobody holds it, where that is so. */
  nobody: string | null
  heldBy(principal: Principal, guardrails: Guardrails): PowerHeld[]
}

/**
 * What a power means for one resource: the rows of the table of powers over things of its kind, and for backups in a vault its lock and
 * policy.
 * @throws UsageError where the power is none over such a thing
 */
export function powerOver(
  power: PowerName,
  thing: Thing,
  { points, asOf }: { points: readonly StoredRow[]; asOf: Date },
): PowerOver {
  const empties = power === 'destroy_backups' && thing.vault !== undefined
  const rows = powers.filter((row) => row.power === power && isOver(row, thing))
  if (rows.length === 0 && !empties) throw noPower(power, thing)
  const nobody = empties ? whyNobody(thing, asOf) : null
  return {
    nobody,
    // AWS Backup lets nobody of another account do more to a vault than copy into it.
    reachesOthers: thing.resource.policy !== null && thing.vault === undefined,
    heldBy(principal, guardrails) {
      if (nobody) return []
      if (empties) return emptied(thing, points, principal, guardrails)
      return rows.flatMap((row) => {
        const held = heldOver(row, thing, principal, guardrails)
        return held ? [held] : []
      })
    },
  }
}

function noPower(power: PowerName, thing: Thing): UsageError {
  const known = new Set(powers.filter((row) => isOver(row, thing)).map((row) => row.power))
  if (thing.vault) known.add('destroy_backups')
  const list = [...known].map((name) => name.replaceAll('_', '-')).join(', ')
  const hint = list ? `; over it there are ${list}` : '; there is no power over such a thing'
  return new UsageError(`${power.replaceAll('_', '-')} is no power over ${thing.arn}${hint}`)
}

/** What AWS Backup made is deleted through its vault alone: the service whose snapshot it is refuses. */
function isOver(row: Power, thing: Thing): boolean {
  const inVault = thing.vault !== undefined && !thing.vault.isThing
  if (inVault && row.power === 'destroy_backups') return row.of === 'recovery-point'
  return arnsAsked(row, thing).length > 0
}

/**
 * The ARNs that a row of the table of powers is asked about: the thing's own, of a bucket that of an object in it, and of a vault that of a
 * recovery point.
 */
export function arnsAsked(
  { resources, of }: Power,
  { arn, account, region }: Pick<Thing, 'arn' | 'account' | 'region'>,
): string[] {
  const [, partition = 'aws'] = arn.split(':')
  const kinds = resources.map((template) => kindAt(template, { partition, region, account }))
  if (of === 'recovery-point' && /^arn:[^:]+:backup:[^:]*:[^:]*:backup-vault:/.test(arn))
    return kinds.slice(0, 1).map(({ generic }) => generic)
  const isBucket = /^arn:[^:]+:s3:::[^/]+$/.test(arn)
  return [arn, ...(isBucket ? [`${arn}/zq0strongroom0qz`] : [])].filter((one) =>
    kinds.some((kind) => kind.accepts(one)),
  )
}

function heldOver(
  row: Power,
  thing: Thing,
  principal: Principal,
  guardrails: Guardrails,
): PowerHeld | undefined {
  const region = thing.region === 'global' ? undefined : [thing.region]
  const context = { get: (key: string) => (key === 'aws:requestedregion' ? region : undefined) }
  const answers = row.actions.flatMap((action) =>
    arnsAsked(row, thing).map((arn) => ({
      action,
      ...decide({
        ...guardrails,
        principal,
        action,
        resource: { ...thing.resource, arn },
        context,
      }),
    })),
  )
  const held = answers.filter(({ decision }) => decision !== 'denied')
  if (held.length === 0) return undefined
  return {
    service: row.service,
    kind_of_thing: row.of,
    decision: held.some(({ decision }) => decision === 'allowed') ? 'allowed' : 'conditional',
    extent: 'all',
    actions: [...new Set(held.map(({ action }) => action))],
    statements: statementsBy(held.flatMap(({ by }) => by)),
    way: null,
  }
}

function whyNobody({ vault, arn }: Thing, asOf: Date): string | null {
  if (!vault || !isImmutable(vault.row, asOf)) return null
  const kind = vault.row.vault_type === 'BACKUP_VAULT' ? 'locked in compliance mode' : 'air-gapped'
  return `nobody: ${vault.isThing ? arn : String(vault.row.arn)} is ${kind}, and keeps what it holds until its retention ends`
}

function emptied(
  thing: Thing,
  points: readonly StoredRow[],
  principal: Principal,
  guardrails: Guardrails,
): PowerHeld[] {
  if (!thing.vault || principal.account !== thing.account) return []
  const answer = emptying(principal, vaultToEmpty(thing, points), guardrails)
  if (!answer) return []
  return [
    {
      service: 'backup',
      kind_of_thing: 'recovery-point',
      decision: answer.decision,
      extent: 'all',
      actions: [DELETE_POINT],
      statements: statementsBy(answer.by),
      way: answer.way,
    },
  ]
}

function vaultToEmpty({ vault, arn, account, region }: Thing, points: readonly StoredRow[]) {
  const policy = typeof vault?.policy === 'object' ? vault.policy : null
  const held = points.map((point): Resource => ({ arn: String(point.arn), account, policy }))
  const asked = policy && tellApart([policy], DELETE_POINT) ? held : decisive(held, DELETE_POINT)
  const examples = examplesOf(DELETE_POINT, { account, region })
  return {
    arn: String(vault?.row.arn),
    account,
    locked: vault?.row.locked === true,
    points: !vault?.isThing ? [arn] : asked.length > 0 ? asked.map((one) => one.arn) : examples,
    policy,
  }
}
