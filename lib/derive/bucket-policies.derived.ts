import { defineTable } from '../lake/table.ts'
import { openDocuments } from '../policy/documents.ts'
import { defineDerivation } from './derivation.ts'
import { grantColumns, grantRows } from './grants.ts'

const tables = {
  bucket_policy_grants: defineTable(
    'What policies of buckets grant and deny, one row for each statement and principal.',
    grantColumns,
  ),
}

/** Whom bucket policies let in; of an account, for its buckets may lie in Regions that the run leaves out. */
export default defineDerivation({
  service: 'derive',
  scope: 'account',
  reads: ['s3_bucket_policies'],
  tables,
  derive(cell) {
    cell.needsOfEach('bucket_policy_grants', ['s3_bucket_policies'])
    const documents = openDocuments()
    for (const { region, bucket_arn, policy } of cell.rows('s3_bucket_policies')) {
      const text = { arn: String(bucket_arn), kind: 'bucket' as const, text: String(policy) }
      for (const { row } of grantRows(text, cell, documents)) {
        cell.put('bucket_policy_grants', { ...row, region: String(region) })
      }
    }
  },
})
