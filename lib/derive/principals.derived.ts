import { boolean, defineTable, string } from '../lake/table.ts'
import { type Documents, openDocuments } from '../policy/documents.ts'
import type { Grant } from '../policy/grants.ts'
import { powersOf } from '../policy/principal-powers.ts'
import { roleKind } from '../policy/role-kinds.ts'
import { trustOf } from '../policy/trust.ts'
import { arnMatchesAny } from './arn-patterns.ts'
import { type DerivedCell, defineDerivation } from './derivation.ts'
import {
  guardrailTables,
  iamTables,
  ownRoleNames,
  readGuardrails,
  readPrincipals,
  statementsOf,
} from './iam.ts'

const tables = {
  principals: defineTable(
    'Users and roles, one row each, with what the separation of duties asks of them.',
    {
      arn: string('ARN of the user or role.'),
      kind: string('`user` or `role`.'),
      name: string('Name.'),
      access: string(
        '`own`; `organization`: a way in from outside, such as `AWSReservedSSO_*`; `backup_service`: only AWS Backup assumes it; `auditor`: a role of Strongroom’s own; `service_linked`.',
      ),
      role_kind: string(
        'Of a role: `plain`, `identity_center`, `organization_access`, `control_tower`, `stack_set`, `cdk` or `service_linked`.',
      ),
      automation: boolean(
        'Whether a service that automates (SSM, Lambda, Step Functions, DRS, AWS Backup) assumes it.',
      ),
      break_glass: boolean(
        'Whether the settings name it as break-glass: it is listed, and never failed.',
      ),
      backup_data_reader: boolean('Whether the settings name it as one who may read backups.'),
    },
  ),
  principal_powers: defineTable(
    'What users and roles can do to data and backups by their effective permissions, one row for each power and kind of thing; what is denied has no row. Policies of the things themselves are left out.',
    {
      principal_arn: string('ARN of the user or role.'),
      power: string(
        '`destroy_data`, `write_data`, `destroy_backups`, `unlock_vaults`, `destroy_keys`, `restore`, `read_backup_data`, `share_backups`, `weaken_defaults`, `blind_detection` or `escalate`.',
      ),
      service: string('Whose data, backups or settings, such as `rds` or `efs`.'),
      kind_of_thing: string('Over what, such as `volume` or `recovery-point`.'),
      decision: string('`allowed`, or `conditional`: it hangs on what only a real request tells.'),
      extent: string('`all`, or `some`: over what its policies name only.'),
      actions: string('Actions that give it, as a JSON array.'),
      statements: string('Documents and statements that allow them, as a JSON array.'),
    },
  ),
  role_trust: defineTable(
    'Who may become a role by its trust policy, one row for each statement and principal.',
    {
      role_arn: string('ARN of the role.'),
      effect: string('`Allow` or `Deny`.'),
      statement: string('Its Sid, else its place in the document from 0.'),
      principal: string('The principal as written.'),
      principal_kind: string('`everyone`, `account`, `role`, `user`, `service`, `federated` …'),
      principal_account_id: string('Account of the principal, where it can be told.'),
      relation: string(
        '`public`, `same_account`, `organization`, `trusted`, `outside`, `service` or `unknown`.',
      ),
      confined: string(
        'Whether conditions and Denies keep strangers out: `yes`, `no` or `unknown`.',
      ),
      condition_keys: string('Keys of its conditions, as a JSON array.'),
    },
  ),
}

type Cell = DerivedCell<typeof tables>

const BACKUP = 'backup.amazonaws.com'

/** Services that run what an owner has automated. */
const AUTOMATION = new Set([
  BACKUP,
  'drs.amazonaws.com',
  'lambda.amazonaws.com',
  'ssm.amazonaws.com',
  'states.amazonaws.com',
])

/** Who is in an account, what they can do, and who can become them. */
export default defineDerivation({
  service: 'derive',
  scope: 'account',
  reads: [...iamTables, ...guardrailTables],
  tables,
  derive(cell) {
    cell.needsOfEach('principals', ['iam_principals'])
    cell.needsOfEach('role_trust', ['iam_principals'])
    cell.needsOfEach('principal_powers', [...iamTables, ...guardrailTables])
    const documents = openDocuments()
    const known = readPrincipals(cell, documents)
    const { break_glass_principals, backup_data_readers } = cell.config.settings
    for (const { row, principal } of known) {
      const trust = principal.kind === 'user' ? [] : putTrust(cell, row, documents)
      const services = servicesOf(trust)
      cell.put('principals', {
        arn: principal.arn,
        kind: String(row.kind),
        name: String(row.name),
        access: accessOf(cell, {
          arn: principal.arn,
          name: String(row.name),
          kind: principal.kind,
          services,
        }),
        role_kind: row.kind === 'role' ? roleKind(principal.arn) : null,
        automation: services.some((service) => AUTOMATION.has(service)),
        break_glass: arnMatchesAny(break_glass_principals, principal.arn),
        backup_data_reader: arnMatchesAny(backup_data_readers, principal.arn),
      })
    }
    const principals = known
      .map(({ principal }) => principal)
      .filter(({ kind }) => kind !== 'service_linked_role')
    const { accountId: account, partition, regions } = cell
    const surroundings = { account, partition, regions, ...readGuardrails(cell, documents) }
    for (const power of powersOf(principals, surroundings)) {
      cell.put('principal_powers', {
        principal_arn: power.principal,
        power: power.power,
        service: power.service,
        kind_of_thing: power.of,
        decision: power.decision,
        extent: power.extent,
        actions: JSON.stringify(power.actions.map(({ action }) => action)),
        statements: statementsOf(power.actions.flatMap(({ by }) => by)),
      })
    }
  },
})

function putTrust(
  cell: Cell,
  row: { arn?: unknown; trust_policy?: unknown },
  documents: Documents,
): Grant[] {
  const arn = String(row.arn)
  const text = typeof row.trust_policy === 'string' ? row.trust_policy : undefined
  const trust = documents.read(`${arn} trust`, text, 'trust')
  const trusted = new Set(cell.config.trusted_accounts)
  const role = { arn, account: cell.accountId, trust }
  const grants = trustOf(role, { organization: cell.organization, trusted })
  for (const grant of grants) {
    cell.put('role_trust', {
      role_arn: arn,
      effect: grant.effect,
      statement: grant.statement,
      principal: grant.principal,
      principal_kind: grant.principalKind,
      principal_account_id: grant.account ?? null,
      relation: grant.relation,
      confined: grant.confined,
      condition_keys: JSON.stringify(grant.conditionKeys),
    })
  }
  return grants.filter(({ effect }) => effect === 'Allow')
}

/** The services that a role trusts, and `*` for anyone else. */
function servicesOf(trust: readonly Grant[]): string[] {
  return trust.map(({ principalKind, principal }) =>
    principalKind === 'service' ? principal : '*',
  )
}

function accessOf(
  { config }: Cell,
  { arn, name, kind, services }: { arn: string; name: string; kind: string; services: string[] },
): string {
  if (kind === 'service_linked_role') return 'service_linked'
  if (kind === 'user') return 'own'
  if (ownRoleNames(config).has(name)) return 'auditor'
  if (roleKind(arn) !== 'plain') return 'organization'
  const byBackup = services.length > 0 && services.every((service) => service === BACKUP)
  return byBackup ? 'backup_service' : 'own'
}
