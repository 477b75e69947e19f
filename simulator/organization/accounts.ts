import type { AccountState } from '../state.ts'
import type { OrganizationOptions } from './options.ts'
import type { Random } from './random.ts'

/** The role that the audit assumes, in every account that has it. */
export const roleName = 'StrongroomAuditor'
/** The role that findings are published with. */
export const publisherRoleName = 'StrongroomPublisher'
/** The organization's id. */
export const organizationId = 'o-exampleorg'
const root = `${organizationId}/r-ab12`
const ous = {
  root: root,
  security: `${root}/ou-ab12-security`,
  prod: `${root}/ou-ab12-workloads/ou-ab12-prodwork`,
  payments: `${root}/ou-ab12-workloads/ou-ab12-prodwork/ou-ab12-payments`,
  test: `${root}/ou-ab12-workloads/ou-ab12-testwork`,
  sandbox: `${root}/ou-ab12-sandboxes`,
  suspended: `${root}/ou-ab12-suspended`,
}
type Ou = keyof typeof ous

/** What the organization calls its OUs. */
export const unitNames = new Map([
  ['ou-ab12-security', 'Security'],
  ['ou-ab12-workloads', 'Workloads'],
  ['ou-ab12-prodwork', 'Production'],
  ['ou-ab12-payments', 'Payments'],
  ['ou-ab12-testwork', 'Test'],
  ['ou-ab12-sandboxes', 'Sandboxes'],
  ['ou-ab12-suspended', 'Suspended'],
])

const named: [name: string, ou: Ou][] = [
  ['management', 'root'],
  ['security-audit', 'security'],
  ['backup-vault', 'security'],
  ['payments-prod', 'payments'],
  ['analytics-prod', 'prod'],
  ['orders-prod', 'prod'],
  ['customer-data-prod', 'prod'],
  ['legacy-erp-prod', 'prod'],
  ['payments-test', 'test'],
  ['analytics-test', 'test'],
  ['sandbox-ml', 'sandbox'],
  ['sandbox-dev', 'sandbox'],
  ['decommissioned-web', 'suspended'],
  ['log-archive', 'security'],
]

/** Makes the accounts, empty as yet, by name: management first, the audit account second. */
export function makeAccounts(
  options: Required<OrganizationOptions>,
  random: Random,
  externalId: string,
): Map<string, AccountState> {
  const ids = new Set<string>()
  while (ids.size < options.accounts) ids.add(String(random.int(100_000_000_000, 899_999_999_999)))
  const [managementId = '', auditId = ''] = ids
  const accounts = new Map<string, AccountState>()
  for (const id of ids) {
    const [name, ou] = named[accounts.size] ?? furtherAccount(accounts.size)
    const writes = (role: string) => (options.story ? (writing[name]?.[role] ?? []) : [])
    const suspended = options.story && ou === 'suspended'
    accounts.set(name, {
      account: {
        Id: id,
        Arn: `arn:aws:organizations::${managementId}:account/${organizationId}/${id}`,
        Email: `aws+${name}@example.com`,
        Name: name,
        Status: suspended ? 'SUSPENDED' : 'ACTIVE',
        State: suspended ? 'SUSPENDED' : 'ACTIVE',
        Paths: [`${ous[ou]}/${id}/`],
        JoinedMethod: 'CREATED',
        JoinedTimestamp: new Date(Date.UTC(2019, accounts.size % 12, 3, 9)),
      },
      enabledRegions: new Set(),
      users: [],
      roles: [
        {
          name: roleName,
          trustedAccounts: [auditId],
          externalId,
          allow: [...options.auditorActions, ...writes(roleName)],
          deny: [],
        },
        {
          name: publisherRoleName,
          trustedAccounts: [auditId],
          externalId,
          allow: ['securityhub:BatchImportFindings', ...writes(publisherRoleName)],
          deny: [],
        },
      ],
      serviceControlDenials: [],
      cells: new Map(),
    })
  }
  return accounts
}

/** What roles of the audit may do in the story besides reading, and should not. */
const writing: Record<string, Record<string, readonly string[]>> = {
  'sandbox-ml': { [roleName]: ['s3:PutObject'] },
  'sandbox-dev': { [publisherRoleName]: ['securityhub:*'] },
}

/** Whether a role of the audit may write in the story. */
export function isWriting(account: string, role: string): boolean {
  return writing[account]?.[role] !== undefined
}

function furtherAccount(index: number): [string, Ou] {
  const teams = ['catalog', 'search', 'billing', 'shipping', 'identity', 'mobile', 'ledger', 'crm']
  const ou = (['prod', 'test', 'sandbox'] as const)[index % 3] ?? 'test'
  return [`${teams[index % teams.length]}-${ou}-${index}`, ou]
}

/** Accounts without workloads of their own. */
export const quietAccounts = new Set(['management', 'security-audit', 'log-archive'])
