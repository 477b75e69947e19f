import { defineTable } from '../lake/table.ts'
import { openDocuments } from '../policy/documents.ts'
import { defineDerivation } from './derivation.ts'
import { grantColumns, grantRows } from './grants.ts'

const tables = {
  key_policy_grants: defineTable(
    'What policies of customer managed keys grant and deny, one row for each statement and principal.',
    grantColumns,
  ),
}

/** Whom key policies let in. */
export default defineDerivation({
  service: 'derive',
  scope: 'cell',
  reads: ['kms_key_policies'],
  tables,
  derive(cell) {
    cell.needsOfEach('key_policy_grants', ['kms_key_policies'])
    const documents = openDocuments()
    for (const { key_arn, policy } of cell.rows('kms_key_policies')) {
      const text = { arn: String(key_arn), kind: 'key' as const, text: String(policy) }
      for (const { row } of grantRows(text, cell, documents)) cell.put('key_policy_grants', row)
    }
  },
})
