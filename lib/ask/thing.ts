import { literal } from '../engine/engine.ts'
import type { StoredRow } from '../lake/table.ts'
import type { Documents } from '../policy/documents.ts'
import type { Document, Resource } from '../policy/types.ts'
import { UsageError } from '../usage-error.ts'
import type { FinishedRun } from './finished-run.ts'
import { suggest } from './suggest.ts'

/** One resource of a run, with the policy and the tags that decide who reaches it. */
export interface Thing {
  arn: string
  account: string
  region: string
  resource: Resource
  /** The vault that it is, or that holds it. */
  vault: { row: StoredRow; policy: Resource['policy']; isThing: boolean } | undefined
  /** What is kept from the answer, and why. */
  notes: string[]
}

/** Resources whose own policies are not read: what those grant or deny is not part of the answer. */
const OWN_POLICIES: [RegExp, string][] = [
  [/^arn:[^:]+:s3:/, 'bucket'],
  [/^arn:[^:]+:dynamodb:/, 'table'],
  [/^arn:[^:]+:sns:/, 'topic'],
  [/^arn:[^:]+:events:[^:]*:[^:]*:event-bus/, 'event bus'],
  [/^arn:[^:]+:elasticfilesystem:/, 'file system'],
]

/**
 * Finds a resource of the run by its ARN.
 * @throws UsageError where the run knows none of that ARN
 */
export async function findThing(
  run: FinishedRun,
  arn: string,
  documents: Documents,
): Promise<Thing> {
  if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:./s.test(arn))
    throw new UsageError(`${JSON.stringify(arn)} is no ARN (arn:aws:backup:…)`)
  const row = await rowOf(run, arn)
  const place = { arn, account: String(row.account_id), region: String(row.region) }
  const vault = await vaultOf(run, arn, documents)
  const policy = vault ? vault.policy : await policyOf(run, arn, documents)
  const unread = OWN_POLICIES.find(([pattern]) => pattern.test(arn))?.[1]
  return {
    ...place,
    resource: {
      arn,
      account: place.account,
      policy,
      tags: await tagsOf(run, place),
      awsManaged: row.key_manager === 'AWS',
    },
    vault,
    notes: unread
      ? [`the policy of the ${unread} is not read: what it grants and denies is left out`]
      : [],
  }
}

/** The first row whose ARN it is; an object is found by its bucket. */
async function rowOf(run: FinishedRun, arn: string): Promise<StoredRow> {
  const held = arn.replace(/^(arn:[^:]+:s3:::[^/]+)\/.*$/s, '$1')
  const tables = Object.entries(run.tables)
    .filter(([name, { columns }]) => 'arn' in columns && name !== 'resource_tags')
    .map(([name]) => name)
  const selects = tables.map((table) => {
    const manager = table === 'kms_keys' ? 'key_manager' : 'cast(null as varchar)'
    return `select account_id, region, arn, ${manager} as key_manager from ${table}`
  })
  const all = selects.join(' union all ')
  const [row] = await run.sql(
    `select * from (${all}) as things where arn = ${literal(held)} limit 1`,
  )
  if (row) return row as StoredRow
  const service = held.split(':')[2] ?? ''
  const alike = await run.sql(
    `select distinct arn from (${all}) as things where arn like ${literal(`arn:%:${service}:%`)} limit 100000`,
  )
  const near = suggest(
    held,
    alike.map((one) => String(one.arn)),
  )
  const hint = near.length > 0 ? `; the nearest are ${near.join(', ')}` : ''
  throw new UsageError(`the run ${run.run.run_id} knows no ${arn}${hint}`)
}

async function vaultOf(
  run: FinishedRun,
  arn: string,
  documents: Documents,
): Promise<Thing['vault']> {
  const [point] = await run.sql(
    `select vault_arn from recovery_points where arn = ${literal(arn)} limit 1`,
  )
  const vaultArn = String(point?.vault_arn ?? arn)
  const [row] = await run.sql(`select * from backup_vaults where arn = ${literal(vaultArn)}`)
  if (!row) return undefined
  const policy = await vaultPolicyOf(run, row as StoredRow, documents)
  return { row: row as StoredRow, policy, isThing: !point }
}

async function vaultPolicyOf(
  run: FinishedRun,
  { arn, account_id, region }: StoredRow,
  documents: Documents,
): Promise<Document | null> {
  const name = literal(String(arn))
  const [held] = await run.sql(`select policy from backup_vault_policies where vault_arn = ${name}`)
  if (held) return documents.read(String(arn), String(held.policy), 'resource')
  const cell = `account_id = ${literal(String(account_id))} and region = ${literal(String(region))}`
  const [missing] = await run.sql(`
    select 1 as n from table_coverage
    where table_name = 'backup_vault_policies' and status = 'unread' and ${cell}
    union all
    select 1 from gaps where table_name = 'backup_vault_policies' and resource_arn = ${name}`)
  return missing ? documents.read(String(arn), undefined, 'resource') : null
}

/** A key has a policy always: where none was kept, it was not read. */
async function policyOf(
  run: FinishedRun,
  arn: string,
  documents: Documents,
): Promise<Document | null> {
  if (!/^arn:[^:]+:kms:[^:]*:[^:]*:key\//.test(arn)) return null
  const [held] = await run.sql(
    `select policy from kms_key_policies where key_arn = ${literal(arn)}`,
  )
  return documents.read(arn, held ? String(held.policy) : undefined, 'resource')
}

/** None where the tags of its cell were read and it has none; undefined where they were not read. */
async function tagsOf(
  run: FinishedRun,
  { arn, account, region }: { arn: string; account: string; region: string },
): Promise<Record<string, string> | undefined> {
  const [row] = await run.sql(`select tags from resource_tags where arn = ${literal(arn)}`)
  if (row) return JSON.parse(String(row.tags))
  const [read] = await run.sql(`
    select status from table_coverage
    where table_name = 'resource_tags' and status = 'complete'
      and account_id = ${literal(account)} and region = ${literal(region)}`)
  return read ? {} : undefined
}
