import { bigint, defineTable, string } from '../lake/table.ts'
import { effectiveBackupPolicy } from '../policy/backup-policies.ts'
import { defineDerivation } from './derivation.ts'
import { guardrailTables, policiesOnPath } from './iam.ts'

const tables = {
  effective_backup_policies: defineTable(
    'What the organization’s backup policies come to in an account, one row each; none for an account outside an organization.',
    {
      state: string(
        '`valid`: a plan of them is whole; `invalid`: none is; `none` is attached; `off`: the organization has not switched them on; `unknown`: where the account is, or what a policy says, cannot be told.',
      ),
      policies: string('Names of the policies on its path, as a JSON array.'),
      plans: bigint('Plans that are whole.'),
      regions: string('Regions that these deploy to, as a JSON array.'),
      problem: string('What a plan lacks.'),
    },
  ),
}

const TYPE = 'BACKUP_POLICY'

/** Which plans the organization deploys to an account. Unlike SCPs, backup policies reach the management account, too. */
export default defineDerivation({
  service: 'derive',
  scope: 'account',
  reads: guardrailTables,
  tables,
  derive(cell) {
    if (cell.organization.id === undefined) return
    cell.needs('effective_backup_policies', guardrailTables)
    const levels = policiesOnPath(cell, TYPE)
    const attached = (levels ?? []).flat()
    const { plans, malformed } = effectiveBackupPolicy(
      (levels ?? []).map((policies) =>
        policies.map(({ content }) => (typeof content === 'string' ? content : undefined)),
      ),
    )
    const whole = plans.filter(({ lacks }) => lacks === undefined)
    const broken = plans.find(({ lacks }) => lacks !== undefined)
    const isOn = cell
      .rows('org_policy_types')
      .some(({ type, status }) => type === TYPE && status === 'ENABLED')
    cell.put('effective_backup_policies', {
      state: stateOf(),
      policies: JSON.stringify(attached.map(({ name }) => String(name))),
      plans: whole.length,
      regions: JSON.stringify([...new Set(whole.flatMap(({ regions }) => regions))].sort()),
      problem: broken ? `${broken.name} lacks ${broken.lacks}` : null,
    })

    function stateOf(): string {
      if (!isOn) return 'off'
      if (!levels || malformed > 0) return 'unknown'
      if (attached.length === 0) return 'none'
      return whole.length > 0 ? 'valid' : 'invalid'
    }
  },
})
