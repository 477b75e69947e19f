import { boolean, defineTable, string } from '../lake/table.ts'
import { onlyReads } from '../policy/access-levels.ts'
import { allowancesOf, isReadable, mayDo } from '../policy/allowances.ts'
import { openDocuments } from '../policy/documents.ts'
import { defineDerivation } from './derivation.ts'
import { guardrailTables, iamTables, ownRoleNames, readGuardrails, readPrincipals } from './iam.ts'

const tables = {
  auditor_roles: defineTable(
    'Strongroom’s own roles, one row each, with what they may do beyond reading; none where an account has no such role.',
    {
      role_arn: string('ARN of the role.'),
      name: string('Name.'),
      writes: string(
        'Actions and patterns that are allowed to it and do not only read, the import of findings aside, as a JSON array.',
      ),
      decision: string(
        '`allowed`, or `conditional`: all of them hang on what only a real request tells; none: it only reads.',
      ),
      readable: boolean('Whether all of its policies could be read.'),
    },
  ),
}

/** All that Strongroom ever writes into an account. */
const IMPORT = 'securityhub:batchimportfindings'

/** Whether Strongroom's own roles can do more than read. */
export default defineDerivation({
  service: 'derive',
  scope: 'account',
  reads: [...iamTables, ...guardrailTables],
  tables,
  derive(cell) {
    cell.needsOfEach('auditor_roles', [...iamTables, ...guardrailTables])
    const documents = openDocuments()
    const { accountId: account, partition, regions, config } = cell
    const surroundings = { account, partition, regions, ...readGuardrails(cell, documents) }
    const names = ownRoleNames(config)
    for (const { row, principal } of readPrincipals(cell, documents)) {
      if (principal.kind !== 'role' || !names.has(String(row.name))) continue
      const suspects = allowancesOf(principal.identity).filter(
        ({ written }) => written.toLowerCase() !== IMPORT && !onlyReads(written),
      )
      const may = mayDo(
        principal,
        suspects.map(({ witness }) => witness),
        surroundings,
      )
      const writes = suspects.filter(({ witness }) => may.has(witness))
      const decisions = [...may.values()]
      cell.put('auditor_roles', {
        role_arn: principal.arn,
        name: String(row.name),
        writes: JSON.stringify(writes.map(({ written }) => written)),
        decision: decisions.includes('allowed') ? 'allowed' : (decisions[0] ?? null),
        readable: isReadable(principal),
      })
    }
  },
})
