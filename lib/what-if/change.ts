import type { FinishedRun } from '../ask/finished-run.ts'
import { type Answer, type Slice, slicesThatCount } from '../collect/answer.ts'
import { writeParquet } from '../lake/parquet.ts'
import { readParquet } from '../lake/read-parquet.ts'
import type { StoredRow, Table } from '../lake/table.ts'
import { UsageError } from '../usage-error.ts'
import type { Overlay } from './overlay.ts'
import type { Proposal } from './proposal.ts'
import type { TargetVault } from './targets.ts'

/** What a proposal does to one collected table. */
export interface TableChange {
  table: string
  /** Rows that go. */
  drops(row: StoredRow): boolean
  /** Rows that come, each with its account and Region. */
  adds: StoredRow[]
  /** Resources that are known now, whatever was read of them. */
  settles: ReadonlySet<string>
}

const none: ReadonlySet<string> = new Set()

/**
 * What one more SCP does to the collected tables.
 * @throws UsageError where the organization's policies were not read, or bind nobody
 */
export async function changesOfScp(
  { rows, run, asOf }: FinishedRun,
  { name, text }: Proposal,
  targets: readonly string[],
): Promise<TableChange[]> {
  const types = await rows('org_policy_types')
  const ours = types.find(({ type }) => type === 'SERVICE_CONTROL_POLICY')
  if (types.length === 0)
    throw new UsageError(
      'the run did not read the policies of the organization: what one more would change cannot be told',
    )
  if (ours?.status !== 'ENABLED')
    throw new UsageError('service control policies are not switched on in the organization')
  const place = {
    account_id: run.discovery.caller_account_id,
    region: 'global',
    observed_at: asOf,
  }
  const arn = `arn:${run.discovery.partition}:organizations::what-if:policy/${name}`
  const type = 'SERVICE_CONTROL_POLICY'
  return [
    {
      table: 'org_policies',
      drops: () => false,
      adds: [
        { ...place, arn, policy_id: 'p-what-if', type, name, aws_managed: false, content: text },
      ],
      settles: none,
    },
    {
      table: 'org_policy_targets',
      drops: () => false,
      adds: targets.map((target) => ({
        ...place,
        policy_arn: arn,
        target_id: target,
        target_arn: null,
        target_kind: target.startsWith('ou-') ? 'ou' : target.startsWith('r-') ? 'root' : 'account',
        target_name: null,
      })),
      settles: none,
    },
  ]
}

/** What a policy on vaults does to the collected tables: it takes the place of theirs. */
export function changesOfVaultPolicy(
  { asOf }: FinishedRun,
  { text }: Proposal,
  vaults: readonly TargetVault[],
): TableChange[] {
  const arns = new Set(vaults.map(({ arn }) => arn))
  return [
    {
      table: 'backup_vault_policies',
      drops: ({ vault_arn }) => arns.has(String(vault_arn)),
      adds: vaults.map(({ arn, name, account_id, region }) => ({
        account_id,
        region,
        observed_at: asOf,
        vault_arn: arn,
        vault_name: name,
        policy: text,
        malformed: false,
      })),
      settles: arns,
    },
  ]
}

/**
 * Stages a changed table of the accounts that it changes in, whole and in the overlay, and lets their answers name it.
 * @throws UsageError where what the run had staged is gone
 */
export async function stageChange(
  { table, drops, adds, settles }: TableChange,
  { answers, overlay, collector, declared }: Staging,
): Promise<void> {
  const slices = slicesThatCount(answers).filter((slice) => slice.collector === collector)
  for (const [account, own] of Map.groupBy(slices, ({ account_id }) => account_id)) {
    const added = adds.filter((row) => row.account_id === account)
    if (added.length === 0) continue
    const objects = new Set(own.flatMap((slice) => slice.objects[table] ?? []))
    const held: StoredRow[] = []
    for (const name of objects) held.push(...(await staged(overlay, name)))
    const rows = [...held.filter((row) => !drops(row)), ...added]
    const name = `staging/what-if/${table}/${account}.parquet`
    await overlay.lake.place(name, (path) => writeParquet(declared, path, rows))
    for (const slice of own) {
      slice.objects[table] = name
      settle(slice, table, settles)
    }
  }
}

export interface Staging {
  answers: Answer[]
  overlay: Overlay
  /** Name of the collector whose table it is. */
  collector: string
  declared: Table
}

async function staged(overlay: Overlay, name: string): Promise<StoredRow[]> {
  try {
    return await overlay.lake.lend(name, readParquet)
  } catch (cause) {
    throw new UsageError(
      `${name}, which the run had staged, is gone or cannot be read: a proposal is judged from it; audit again`,
      { cause },
    )
  }
}

/** What is given is known: it was not read, and need not be. */
function settle(slice: Slice, table: string, settles: ReadonlySet<string>): void {
  const left = slice.gaps.filter(
    ({ table_name, resource_arn }) => !(table_name === table && settles.has(resource_arn ?? '')),
  )
  if (left.length === slice.gaps.length) return
  slice.gaps = left
  if (slice.status === 'partial' && left.length === 0)
    Object.assign(slice, { status: 'complete', cause: null, detail: null })
}
