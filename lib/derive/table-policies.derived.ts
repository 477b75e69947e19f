import { defineTable } from '../lake/table.ts'
import { openDocuments } from '../policy/documents.ts'
import { defineDerivation } from './derivation.ts'
import { grantColumns, grantRows } from './grants.ts'

const tables = {
  table_policy_grants: defineTable(
    'What policies of DynamoDB tables grant and deny, one row for each statement and principal.',
    grantColumns,
  ),
}

/** Whom resource policies of DynamoDB tables let in. */
export default defineDerivation({
  service: 'derive',
  scope: 'cell',
  reads: ['dynamodb_table_policies'],
  tables,
  derive(cell) {
    cell.needsOfEach('table_policy_grants', ['dynamodb_table_policies'])
    const documents = openDocuments()
    for (const { table_arn, policy } of cell.rows('dynamodb_table_policies')) {
      const text = { arn: String(table_arn), kind: 'table' as const, text: String(policy) }
      for (const { row } of grantRows(text, cell, documents)) {
        cell.put('table_policy_grants', row)
      }
    }
  },
})
