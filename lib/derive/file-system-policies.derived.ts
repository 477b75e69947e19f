import { defineTable } from '../lake/table.ts'
import { openDocuments } from '../policy/documents.ts'
import { defineDerivation } from './derivation.ts'
import { grantColumns, grantRows } from './grants.ts'

const tables = {
  file_system_policy_grants: defineTable(
    'What policies of EFS file systems grant and deny, one row for each statement and principal.',
    grantColumns,
  ),
}

/** Whom policies of file systems let in. */
export default defineDerivation({
  service: 'derive',
  scope: 'cell',
  reads: ['efs_file_system_policies'],
  tables,
  derive(cell) {
    cell.needsOfEach('file_system_policy_grants', ['efs_file_system_policies'])
    const documents = openDocuments()
    for (const { file_system_arn, policy } of cell.rows('efs_file_system_policies')) {
      const text = {
        arn: String(file_system_arn),
        kind: 'file-system' as const,
        text: String(policy),
      }
      for (const { row } of grantRows(text, cell, documents)) {
        cell.put('file_system_policy_grants', row)
      }
    }
  },
})
