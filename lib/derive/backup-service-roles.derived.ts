import { bigint, boolean, defineTable, string } from '../lake/table.ts'
import { allowancesOf, anyActionOf, isReadable, mayDo } from '../policy/allowances.ts'
import { type Documents, openDocuments } from '../policy/documents.ts'
import type { Surroundings } from '../policy/principal-powers.ts'
import { trustOf } from '../policy/trust.ts'
import type { Principal } from '../policy/types.ts'
import { type DerivedCell, defineDerivation } from './derivation.ts'
import { guardrailTables, iamTables, readGuardrails, readPrincipals } from './iam.ts'

const tables = {
  backup_service_roles: defineTable(
    'Roles of the account that AWS Backup works with, one row each; service-linked ones aside.',
    {
      role_arn: string('ARN of the role.'),
      name: string('Name.'),
      selections: bigint('Selections of backup plans that name it.'),
      recovery_points: bigint('Recovery points that were made with it.'),
      restore_tests: bigint('Selections of restore testing plans that name it.'),
      other_trust: string('Who besides AWS Backup may become it, as a JSON array.'),
      wide_grants: string(
        '`*` where it may do everything, else each service that it has whole, such as `ec2:*`, as a JSON array.',
      ),
      wide_decision: string(
        '`allowed`, or `conditional`: all of these hang on what only a real request tells; none: there are none.',
      ),
      readable: boolean('Whether its trust policy and all of its policies could be read.'),
    },
  ),
}

const BACKUP = 'backup.amazonaws.com'

const USES = {
  selections: 'backup_selections',
  recovery_points: 'recovery_points',
  restore_tests: 'restore_testing_selections',
} as const

/** The roles that backups and restore tests are made with, who else may become them, and what they have whole. */
export default defineDerivation({
  service: 'derive',
  scope: 'account',
  reads: [...iamTables, ...guardrailTables, ...Object.values(USES)],
  tables,
  derive(cell) {
    cell.needsOfEach('backup_service_roles', [...iamTables, ...guardrailTables])
    // A use that was not read may name one role more.
    cell.needs('backup_service_roles', Object.values(USES))
    const documents = openDocuments()
    const { accountId: account, partition, regions } = cell
    const surroundings = { account, partition, regions, ...readGuardrails(cell, documents) }
    const selections = countUses(cell, USES.selections)
    const points = countUses(cell, USES.recovery_points)
    const tests = countUses(cell, USES.restore_tests)
    for (const { row, principal } of readPrincipals(cell, documents)) {
      const { arn, kind } = principal
      const isUsed = [selections, points, tests].some((uses) => uses.has(arn))
      if (!isUsed || kind !== 'role') continue
      const trust = readTrust(cell, arn, row.trust_policy, documents)
      cell.put('backup_service_roles', {
        role_arn: arn,
        name: String(row.name),
        selections: selections.get(arn) ?? 0,
        recovery_points: points.get(arn) ?? 0,
        restore_tests: tests.get(arn) ?? 0,
        other_trust: JSON.stringify(trust.others),
        ...wideGrants(principal, surroundings),
        readable: trust.readable && isReadable(principal),
      })
    }
  },
})

type Cell = DerivedCell<typeof tables>

function countUses(cell: Cell, table: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { iam_role_arn } of cell.rows(table)) {
    const arn = String(iam_role_arn)
    counts.set(arn, (counts.get(arn) ?? 0) + 1)
  }
  return counts
}

function readTrust(cell: Cell, arn: string, policy: unknown, documents: Documents) {
  const text = typeof policy === 'string' ? policy : undefined
  const trust = documents.read(`${arn} trust`, text, 'trust')
  const known = { organization: cell.organization, trusted: new Set<string>() }
  const others = trustOf({ arn, account: cell.accountId, trust }, known)
    .filter(({ effect }) => effect === 'Allow')
    .filter(({ principalKind, principal }) => principalKind !== 'service' || principal !== BACKUP)
    .map(({ principalKind, principal }) =>
      principalKind === 'everyone_but' ? `all but ${principal}` : principal,
    )
  return { others: [...new Set(others)], readable: trust.policy !== undefined }
}

/**
 * Whether everything, or all of a service, is allowed: by asking of an action that nobody names. AWS's own policies for backups name
 * their actions, on all resources.
 */
function wideGrants(principal: Principal, surroundings: Surroundings) {
  const prefixes = allowancesOf(principal.identity).map(
    ({ witness }) => witness.split(':')[0]?.toLowerCase() ?? '',
  )
  const whole = new Map([...new Set(prefixes)].map((name) => [anyActionOf(name), `${name}:*`]))
  const may = mayDo(principal, [anyActionOf(), ...whole.keys()], surroundings)
  const everything = may.get(anyActionOf())
  const decisions = everything ? [everything] : [...may.values()]
  const grants = everything ? ['*'] : [...may.keys()].map((action) => whole.get(action) ?? action)
  return {
    wide_grants: JSON.stringify(grants),
    wide_decision: decisions.includes('allowed') ? 'allowed' : (decisions[0] ?? null),
  }
}
