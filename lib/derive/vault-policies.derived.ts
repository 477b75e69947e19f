import type { StoredRow } from '../lake/table.ts'
import { defineTable, string } from '../lake/table.ts'
import { type Documents, openDocuments } from '../policy/documents.ts'
import { type Grant, grantsOf } from '../policy/grants.ts'
import type { Document } from '../policy/types.ts'
import { coverageOf } from '../policy/vault-policy.ts'
import { type DerivedCell, defineDerivation } from './derivation.ts'
import { grantColumns, grantRows } from './grants.ts'
import { examplesIn } from './recovery-points.ts'

/** What vault policies are asked to keep from everyone: the ways to lose a recovery point, and the ways to take the protection off. */
const PROTECTED = [
  'backup:DeleteRecoveryPoint',
  'backup:UpdateRecoveryPointLifecycle',
  'backup:DisassociateRecoveryPoint',
  'backup:PutBackupVaultAccessPolicy',
  'backup:DeleteBackupVaultAccessPolicy',
  'backup:DeleteBackupVaultLockConfiguration',
  'backup:DeleteBackupVault',
]

const COPY_IN = 'backup:copyintobackupvault'

const tables = {
  vault_policy_grants: defineTable(
    'What access policies of vaults grant and deny, one row for each statement and principal.',
    {
      ...grantColumns,
      copies_in: string(
        'Whether it is about copying into the vault: `yes`, `no`, or `unknown` where a wildcard names the action, which AWS documents as unsupported.',
      ),
      other_actions: string('Whether it is about anything else: `yes` or `no`.'),
    },
  ),
  vault_protection: defineTable(
    'What the Denies of vaults’ access policies keep from everyone, one row for each vault and action.',
    {
      vault_arn: string('ARN of the vault.'),
      action: string('The action, such as `backup:DeleteRecoveryPoint`.'),
      covered: string(
        '`yes`: denied to everyone but the exempt; `no`; or `unknown`: the policy does not tell, or cannot be understood.',
      ),
      exempt: string('Whom the Denies spare: patterns as written, as a JSON array.'),
      statements: string('The statements that deny: Sids or places, as a JSON array.'),
    },
  ),
}

type Cell = DerivedCell<typeof tables>

/** What vault policies protect, and whom they let in. */
export default defineDerivation({
  service: 'derive',
  scope: 'cell',
  reads: ['backup_vaults', 'backup_vault_policies', 'recovery_points'],
  tables,
  derive(cell) {
    cell.needs('vault_protection', ['backup_vaults'])
    cell.needsOfEach('vault_protection', ['backup_vault_policies', 'recovery_points'])
    cell.needsOfEach('vault_policy_grants', ['backup_vault_policies'])
    const documents = openDocuments()
    const policies = new Map(
      cell.rows('backup_vault_policies').map((row) => [String(row.vault_arn), String(row.policy)]),
    )
    const points = Map.groupBy(cell.rows('recovery_points'), ({ vault_arn }) => String(vault_arn))
    for (const [arn, text] of policies) putGrants(cell, { arn, text }, documents)
    for (const { arn } of cell.rows('backup_vaults')) {
      const text = policies.get(String(arn))
      const policy = text === undefined ? null : documents.read(String(arn), text, 'resource')
      putProtection(cell, String(arn), policy, points.get(String(arn)) ?? [])
    }
  },
})

function putGrants(
  cell: Cell,
  { arn, text }: { arn: string; text: string },
  documents: Documents,
): void {
  const document = documents.read(arn, text, 'resource')
  const known = { organization: cell.organization, trusted: new Set<string>(), actions: [COPY_IN] }
  const copying = grantsOf(document, { arn, account: cell.accountId }, known)
  const about = new Set(copying.map(({ statement }) => statement))
  for (const { grant, row } of grantRows({ arn, kind: 'vault', text }, cell, documents)) {
    cell.put('vault_policy_grants', {
      ...row,
      copies_in: grant ? copiesIn(grant, about) : 'unknown',
      other_actions: grant && isAboutCopiesAlone(grant) ? 'no' : 'yes',
    })
  }
}

function copiesIn(
  { statement, actions, allActionsBut }: Grant,
  about: ReadonlySet<string>,
): 'yes' | 'no' | 'unknown' {
  if (!about.has(statement)) return 'no'
  const named = actions.some((action) => action.toLowerCase() === COPY_IN)
  return named || (allActionsBut && !actions.some(isWild)) ? 'yes' : 'unknown'
}

function isWild(action: string): boolean {
  return /[*?]/.test(action)
}

function isAboutCopiesAlone({ actions, allActionsBut }: Grant): boolean {
  return !allActionsBut && actions.every((action) => action.toLowerCase() === COPY_IN)
}

function putProtection(
  cell: Cell,
  arn: string,
  policy: Document | null,
  points: StoredRow[],
): void {
  const { accountId: account, organization } = cell
  for (const action of PROTECTED) {
    const recoveryPoints = examplesIn(points, policy, action)
    const vault = { arn, account, policy, recoveryPoints, organization }
    const [coverage] = coverageOf(vault, [action])
    if (!coverage) continue
    const denying = coverage.by.filter(({ effect }) => effect === 'Deny')
    cell.put('vault_protection', {
      vault_arn: arn,
      action,
      covered: coverage.covered,
      exempt: JSON.stringify(coverage.exempt),
      statements: JSON.stringify(denying.map(({ statement }) => statement)),
    })
  }
}
