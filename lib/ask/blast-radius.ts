import { guardrailTables, iamTables } from '../derive/iam.ts'
import { storeTables } from '../derive/stores.ts'
import type { Principal } from '../policy/types.ts'
import { UsageError } from '../usage-error.ts'
import { becomes, type Stride } from './become.ts'
import type { FinishedRun } from './finished-run.ts'
import { type KeyLoss, keyLosses } from './key-losses.ts'
import { type NotKnown, notKnown } from './not-known.ts'
import { type People, readPeople } from './people.ts'
import { selfOf } from './selves.ts'
import { type StoreLoss, storeLosses } from './store-losses.ts'
import { suggest } from './suggest.ts'
import { type VaultFate, vaultFates } from './vault-fates.ts'

export interface BlastRadius {
  run_id: string
  as_of: string
  principal: string
  becomes: {
    who: string
    account_id: string
    decision: 'allowed' | 'conditional'
    steps: Stride[]
  }[]
  accounts: string[]
  stores: StoreLoss[]
  vaults: VaultFate[]
  keys: KeyLoss[]
  not_known: NotKnown[]
  notes: string[]
}

const NOTES = [
  'policies of buckets, tables and topics are not asked: what they deny is left out',
  'what changes the organization’s policies or takes sts:AssumeRoot is not followed; sessions that others hold are not either',
]

/**
 * What goes with a principal, should it fall: everyone that it can become, the data stores that they destroy, which backups of them survive
 * and why, and the keys on which others hang.
 * @throws UsageError where the run knows no such principal
 */
export async function blastRadius(run: FinishedRun, arn: string): Promise<BlastRadius> {
  const people = await readPeople(run)
  const principal = findPrincipal(run, people, arn)
  const { partition } = run
  const regions = run.run.discovery.regions
  const all = becomes(selfOf(principal, [], people), people, { partition, regions })
  const accounts = new Set(all.flatMap(({ self }) => self.principal.account ?? []))
  const fates = await vaultFates(run, people, all)
  const keys = await keyLosses(run, people, all)
  const stores = await storeLosses(run, people, { all, accounts, fates, keys })
  const missing = await notKnown(run, [
    ...[...iamTables, ...guardrailTables, ...storeTables],
    ...['backup_vaults', 'backup_vault_policies', 'recovery_points', 'kms_key_policies'],
    ...['data_stores', 'store_backups'],
  ])
  return {
    run_id: run.run.run_id,
    as_of: run.run.as_of,
    principal: principal.arn,
    becomes: all.slice(1).map(({ self, decision, steps }) => ({
      who: self.id,
      account_id: self.principal.account ?? '',
      decision,
      steps,
    })),
    accounts: [...accounts].sort(),
    stores,
    vaults: [...fates.values()].filter(({ account_id }) => accounts.has(account_id)),
    keys,
    not_known: missing.filter(
      ({ account_id: of, cause }) => accounts.has(of) || !people.accounts.has(of) || cause === '',
    ),
    notes: NOTES,
  }
}

/** A session's ARN stands for its role, an account's root for the root user. */
function findPrincipal(run: FinishedRun, people: People, arn: string): Principal {
  const known = people.byArn.get(arn)
  if (known) return known
  const root = /^arn:[a-z-]+:iam::(\d{12}):root$/.exec(arn)?.[1]
  if (root && people.accounts.has(root)) return { arn, account: root, kind: 'root', identity: [] }
  const session = /^arn:[a-z-]+:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn)
  const role = [...people.roles.keys()].find(
    (one) => session && one.split(':')[4] === session[1] && one.endsWith(`/${session[2]}`),
  )
  const found = role && people.byArn.get(role)
  if (found) return found
  const account = arn.split(':')[4] ?? ''
  if (run.names.has(account) && !people.accounts.has(account))
    throw new UsageError(
      `the users and roles of account ${account} ${run.names.get(account)} were not read: what ${arn} can do is not known`,
    )
  const near = suggest(arn, people.byArn.keys()).join(', ')
  throw new UsageError(
    `the run ${run.run.run_id} knows no principal ${JSON.stringify(arn)}; the nearest are ${near}`,
  )
}
