import { bigint, defineTable, string } from '../lake/table.ts'
import { defineDerivation } from './derivation.ts'
import { storeKinds } from './stores.ts'

/** Buckets may hold the administrator's reports and copies as well as a workload's data. */
const counted = storeKinds.filter(({ table }) => table !== 's3_buckets')

const STORES = counted.map(({ table }) => table)

const tables = {
  backup_administration: defineTable(
    'Accounts that administer AWS Backup for the organization, one row each: the delegated ones, or the management account where there are none.',
    {
      role: string('`delegated` or `management`.'),
      data_stores: bigint('Data stores that the account holds, S3 buckets aside.'),
      example_arn: string('ARN of one of them.'),
    },
  ),
}

/** Who administers AWS Backup for the organization, and what data lies beside it. */
export default defineDerivation({
  service: 'derive',
  scope: 'account',
  reads: ['org_delegated_administrators', ...STORES],
  tables,
  derive(cell) {
    const { accountId, organization } = cell
    if (organization.id === undefined) return
    cell.needs('backup_administration', ['org_delegated_administrators'])
    const delegated = new Set(
      cell
        .rows('org_delegated_administrators')
        .map(({ administrator_account_id }) => administrator_account_id),
    )
    const manages = delegated.size === 0 && accountId === organization.managementAccount
    if (!manages && !delegated.has(accountId)) return
    cell.needs('backup_administration', STORES)
    const stores = counted.flatMap(({ table, counts }) =>
      cell
        .rows(table)
        .filter((row) => counts(row))
        .map(({ arn }) => String(arn)),
    )
    cell.put('backup_administration', {
      role: manages ? 'management' : 'delegated',
      data_stores: stores.length,
      example_arn: stores.sort()[0] ?? null,
    })
  },
})
