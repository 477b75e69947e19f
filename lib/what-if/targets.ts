import type { FinishedRun } from '../ask/finished-run.ts'
import { suggest } from '../ask/suggest.ts'
import { UsageError } from '../usage-error.ts'

/** A vault that a policy is to be put on. */
export interface TargetVault {
  arn: string
  name: string
  account_id: string
  region: string
}

/**
 * The root, OUs and accounts that an SCP is to be attached to; the root where none is named.
 * @throws UsageError where there is no organization, or no such target in it
 */
export function scpTargets({ run }: FinishedRun, named: readonly string[]): string[] {
  const { organization_id, accounts } = run.discovery
  if (!organization_id)
    throw new UsageError('the run found no organization: service control policies bind nobody')
  const ids = unitsOf(accounts)
  const root = [...ids].find((id) => id.startsWith('r-'))
  const wanted = named.length > 0 ? named : ['root']
  return wanted.map((target) => {
    const id = target.toLowerCase() === 'root' ? root : target
    if (id !== undefined && ids.has(id)) return id
    throw unknown(target, ids, 'account, OU or root')
  })
}

/**
 * The vaults that a policy is to be put on: those that are named, all of a named account, OU or root, all where none is named.
 * @throws UsageError where there is no such vault or target
 */
export async function vaultTargets(
  { run, sql }: FinishedRun,
  named: readonly string[],
): Promise<TargetVault[]> {
  const rows = await sql('select arn, name, account_id, region from backup_vaults order by arn')
  const vaults = rows.map(
    ({ arn, name, account_id, region }): TargetVault => ({
      arn: String(arn),
      name: String(name),
      account_id: String(account_id),
      region: String(region),
    }),
  )
  const { accounts } = run.discovery
  const ids = unitsOf(accounts)
  const chosen = named.flatMap((target) => {
    if (target.startsWith('arn:')) {
      const arns = vaults.map(({ arn }) => arn)
      if (!arns.includes(target)) throw unknown(target, new Set(arns), 'vault')
      return vaults.filter(({ arn }) => arn === target)
    }
    if (target.toLowerCase() === 'root') return vaults
    if (!ids.has(target)) throw unknown(target, ids, 'vault, account, OU or root')
    const below = new Set(
      accounts
        .filter(({ account_id, ou_path }) => [account_id, ...parts(ou_path)].includes(target))
        .map(({ account_id }) => account_id),
    )
    return vaults.filter(({ account_id }) => below.has(account_id))
  })
  const all = named.length > 0 ? chosen : vaults
  if (all.length === 0) throw new UsageError('the run knows no vault there')
  return [...new Map(all.map((vault) => [vault.arn, vault])).values()]
}

/** Ids of the accounts, and of the root and OUs above them. */
function unitsOf(
  accounts: readonly { account_id: string; ou_path: string | null }[],
): ReadonlySet<string> {
  return new Set(accounts.flatMap(({ account_id, ou_path }) => [account_id, ...parts(ou_path)]))
}

function parts(path: string | null): string[] {
  return (path ?? '').split('/').filter((id) => id !== '' && !id.startsWith('o-'))
}

function unknown(target: string, known: ReadonlySet<string>, kind: string): UsageError {
  return new UsageError(
    `the run knows no ${kind} ${target}; the nearest are ${suggest(target, known).join(', ')}`,
  )
}
