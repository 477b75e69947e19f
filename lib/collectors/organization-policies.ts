import {
  DescribePolicyCommand,
  ListDelegatedAdministratorsCommand,
  ListPoliciesCommand,
  ListRootsCommand,
  ListTargetsForPolicyCommand,
  OrganizationsClient,
  type PolicySummary,
  type PolicyType,
} from '@aws-sdk/client-organizations'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'

const tables = {
  org_policies: defineTable('Policies of the organization, one row each.', {
    arn: string('ARN of the policy.'),
    policy_id: string('Id, such as `p-FullAWSAccess`.'),
    type: string('`SERVICE_CONTROL_POLICY`, `RESOURCE_CONTROL_POLICY` or `BACKUP_POLICY`.'),
    name: string('Name.'),
    aws_managed: boolean('Whether AWS wrote it.'),
    content: string('The document as it was written.'),
  }),
  org_policy_targets: defineTable(
    'What the organization’s policies are attached to; whatever lies below inherits them.',
    {
      policy_arn: string('ARN of the policy.'),
      target_id: string('Id of the root, OU or account.'),
      target_arn: string('Its ARN.'),
      target_kind: string('`root`, `ou` or `account`.'),
      target_name: string('Its name.'),
    },
  ),
  org_policy_types: defineTable(
    'Policy types that the organization’s root has switched on; policies of others have no effect.',
    {
      root_id: string('Id of the root.'),
      type: string('Type of policy.'),
      status: string('`ENABLED`, `PENDING_ENABLE` or `PENDING_DISABLE`.'),
    },
  ),
  org_delegated_administrators: defineTable(
    'Accounts that administer AWS Backup for the organization.',
    {
      administrator_account_id: string('Id of the account.'),
      service_principal: string('The service that it administers.'),
      delegated_at: timestamp('Since when.'),
    },
  ),
}

type OrganizationCell = Cell<typeof tables>

const TYPES: PolicyType[] = ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY', 'BACKUP_POLICY']

const BACKUP = 'backup.amazonaws.com'

/** The largest page. */
const PAGE = { MaxResults: 20 }

/**
 * `ListPolicies` has no error for a type that is not switched on: what it lists has no effect then, which only the root tells.
 */
export default defineCollector({
  service: 'organizations',
  scope: 'organization',
  actions: [
    'organizations:DescribePolicy',
    'organizations:ListDelegatedAdministrators',
    'organizations:ListPolicies',
    'organizations:ListRoots',
    'organizations:ListTargetsForPolicy',
  ],
  tables,
  async collect(cell) {
    await Promise.all([
      cell.read('org_policy_types', () => readTypes(cell)),
      cell.read('org_delegated_administrators', () => readAdministrators(cell)),
      ...TYPES.map((type) =>
        cell.read(['org_policies', 'org_policy_targets'], () => readPolicies(cell, type)),
      ),
    ])
  },
})

async function readTypes(cell: OrganizationCell): Promise<void> {
  for await (const page of cell.pages(OrganizationsClient, ListRootsCommand, PAGE)) {
    for (const root of page.Roots ?? []) {
      for (const one of root.PolicyTypes ?? []) {
        await cell.put('org_policy_types', {
          root_id: told(root, 'Id'),
          type: told(one, 'Type'),
          status: told(one, 'Status'),
        })
      }
    }
  }
}

/** The e-mail addresses that come along are left behind. */
async function readAdministrators(cell: OrganizationCell): Promise<void> {
  const Command = ListDelegatedAdministratorsCommand
  const input = { ...PAGE, ServicePrincipal: BACKUP }
  for await (const page of cell.pages(OrganizationsClient, Command, input)) {
    for (const administrator of page.DelegatedAdministrators ?? []) {
      await cell.put('org_delegated_administrators', {
        administrator_account_id: told(administrator, 'Id'),
        service_principal: BACKUP,
        delegated_at: administrator.DelegationEnabledDate,
      })
    }
  }
}

/** Not under the cell's budget of items: an organization has few policies, and one unread leaves every account unjudged. */
async function readPolicies(cell: OrganizationCell, type: PolicyType): Promise<void> {
  const policies: PolicySummary[] = []
  const input = { ...PAGE, Filter: type }
  for await (const page of cell.pages(OrganizationsClient, ListPoliciesCommand, input)) {
    policies.push(...(page.Policies ?? []))
  }
  for (const policy of policies) {
    const resource = { arn: told(policy, 'Arn') }
    await Promise.all([
      cell.read('org_policies', () => readContent(cell, policy), resource),
      cell.read('org_policy_targets', () => readTargets(cell, policy), resource),
    ])
  }
}

/** Deleted since it was listed, which takes that it is attached nowhere. */
const GONE = ['PolicyNotFoundException']

async function readContent(cell: OrganizationCell, policy: PolicySummary): Promise<void> {
  const PolicyId = told(policy, 'Id')
  const answer = await absentIf(GONE, () =>
    cell.call(OrganizationsClient, new DescribePolicyCommand({ PolicyId })),
  )
  if (!answer) return
  await cell.put('org_policies', {
    arn: policy.Arn,
    policy_id: PolicyId,
    type: told(policy, 'Type'),
    name: policy.Name,
    aws_managed: policy.AwsManaged,
    content: told(told(answer, 'Policy'), 'Content'),
  })
}

const KINDS: Record<string, string> = {
  ROOT: 'root',
  ORGANIZATIONAL_UNIT: 'ou',
  ACCOUNT: 'account',
}

async function readTargets(cell: OrganizationCell, policy: PolicySummary): Promise<void> {
  const input = { ...PAGE, PolicyId: told(policy, 'Id') }
  await absentIf(GONE, async () => {
    for await (const page of cell.pages(OrganizationsClient, ListTargetsForPolicyCommand, input)) {
      for (const target of page.Targets ?? []) {
        await cell.put('org_policy_targets', {
          policy_arn: policy.Arn,
          target_id: told(target, 'TargetId'),
          target_arn: target.Arn,
          target_kind: KINDS[told(target, 'Type')],
          target_name: target.Name,
        })
      }
    }
  })
}
