import { defineTable, string } from '../lake/table.ts'
import { openDocuments } from '../policy/documents.ts'
import { examplesOf } from '../policy/examples.ts'
import { guardedActions } from '../policy/vault-policy.ts'
import { type DerivedCell, defineDerivation } from './derivation.ts'
import { guardrailTables, readGuardrails } from './iam.ts'

/** What guardrails are asked to keep from whole accounts. */
const GUARDED = [
  'backup:DeleteRecoveryPoint',
  'backup:DeleteBackupVaultLockConfiguration',
  'kms:ScheduleKeyDeletion',
]

const tables = {
  account_guardrails: defineTable(
    'What SCPs on its path keep from everyone in an account, one row for each action; none for the management account, which they do not bind, nor where the settings ask for none.',
    {
      action: string('The action, such as `backup:DeleteRecoveryPoint`.'),
      covered: string(
        '`yes`: denied to everyone but the exempt, in every Region; `no`; or `unknown`.',
      ),
      exempt: string('Whom they spare: patterns as written, as a JSON array.'),
      statements: string('Policies and statements that deny, as a JSON array.'),
    },
  ),
}

/** What guards an account from above. */
export default defineDerivation({
  service: 'derive',
  scope: 'account',
  reads: guardrailTables,
  tables,
  derive(cell) {
    const { accountId: account, partition, regions, organization } = cell
    if (account === organization.managementAccount || isExempt(cell)) return
    // Where no policy is attached everything is denied, so that policies which were not read would pass for the best of guardrails.
    if (!cell.needs('account_guardrails', guardrailTables)) return
    const { scps } = readGuardrails(cell, openDocuments())
    const asked = GUARDED.map((action) => ({
      action,
      resources: regions.flatMap((region) => examplesOf(action, { account, partition, region })),
    }))
    for (const { action, covered, exempt, by } of guardedActions(
      { account, scps, organization },
      asked,
    )) {
      const denying = by.filter(({ effect }) => effect === 'Deny')
      cell.put('account_guardrails', {
        action,
        covered,
        exempt: JSON.stringify(exempt),
        statements: JSON.stringify(denying.map((one) => `${one.document} ${one.statement}`)),
      })
    }
  },
})

/** Whether the settings name the account, or an OU above it, as one that needs no guardrail. */
function isExempt({ accountId, organization, config }: DerivedCell<typeof tables>): boolean {
  const above = organization.paths.get(accountId)?.split('/') ?? []
  return config.settings.scp_exempt_accounts.some((id) => id === accountId || above.includes(id))
}
