import {
  type Action,
  DLMClient,
  GetLifecyclePoliciesCommand,
  GetLifecyclePolicyCommand,
  type LifecyclePolicy,
  type PolicyDetails,
  type Schedule,
} from '@aws-sdk/client-dlm'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { boolean, defineTable, int, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { tagJson } from './normalize.ts'

const tables = {
  dlm_policies: defineTable('Policies of Data Lifecycle Manager, one row each.', {
    arn: string('ARN of the policy.'),
    policy_id: string('Id of the policy.'),
    description: string('Description.'),
    state: string('`ENABLED`, `DISABLED` or `ERROR`.'),
    policy_type: string('`EBS_SNAPSHOT_MANAGEMENT`, `IMAGE_MANAGEMENT` or `EVENT_BASED_POLICY`.'),
    default_policy: boolean(
      'Whether it is a default policy, which takes every resource of its type that it does not exclude.',
    ),
    resource_types: string('`VOLUME` and `INSTANCE`, separated by commas.'),
    resource_locations: string('`CLOUD`, `OUTPOST` and `LOCAL_ZONE`, separated by commas.'),
    exclude_boot_volumes: boolean('Whether a default policy leaves out boot volumes.'),
    exclude_volume_types: string('Volume types that a default policy leaves out, by commas.'),
    execution_role_arn: string('Role that the policy runs as.'),
    created_at: timestamp('When it was created.'),
    modified_at: timestamp('When it was last changed.'),
  }),
  dlm_policy_tags: defineTable('Tags by which policies choose resources, one row per tag.', {
    policy_arn: string('ARN of the policy.'),
    policy_id: string('Id of the policy.'),
    purpose: string('`target`: a resource with any such tag is taken; `exclude`: is left out.'),
    tag_key: string('Key of the tag.'),
    tag_value: string('Value of the tag.'),
    tag_json: string(
      'The tag as it stands in a column of tags, after `{` or `,`: `"key":"value"`.',
    ),
  }),
  dlm_schedules: defineTable('Schedules of policies, one row each.', {
    policy_arn: string('ARN of the policy.'),
    policy_id: string('Id of the policy.'),
    schedule: string('Name of the schedule; none in a default policy.'),
    interval_hours: int('Hours between two backups; none where a cron expression says when.'),
    times: string('Time of day (UTC) at which the interval begins.'),
    cron: string('Cron expression.'),
    location: string('`CLOUD`, `OUTPOST_LOCAL` or `LOCAL_ZONE`.'),
    retain_count: int('How many backups are kept.'),
    retain_days: int('Days that a backup is kept: a month as 30, a year as 365.'),
  }),
  dlm_copy_rules: defineTable('Copies to other Regions that policies make, one row per rule.', {
    policy_arn: string('ARN of the policy.'),
    policy_id: string('Id of the policy.'),
    schedule: string('Name of the schedule, or of an event-based policy’s action.'),
    target: string('Region, or ARN of the Outpost.'),
    encrypted: boolean(
      'Whether copies of unencrypted backups are encrypted; a default policy cannot say so.',
    ),
    cmk_arn: string('KMS key of the copies; none: the target’s default key.'),
    retain_days: int('Days that a copy is kept: a month as 30, a year as 365.'),
  }),
  dlm_share_rules: defineTable(
    'Accounts that policies share their snapshots with, one row per schedule and account.',
    {
      policy_arn: string('ARN of the policy.'),
      policy_id: string('Id of the policy.'),
      schedule: string('Name of the schedule.'),
      shared_with_account_id: string('Account that it is shared with.'),
      unshare_days: int('Days until it is no longer shared; none: for ever.'),
    },
  ),
}

type DlmCell = Cell<typeof tables>

/** Which policies there are comes in one answer, without pages; what they do, each by a call of its own. */
export default defineCollector({
  service: 'dlm',
  scope: 'cell',
  actions: ['dlm:GetLifecyclePolicies', 'dlm:GetLifecyclePolicy'],
  tables,
  async collect(cell) {
    await cell.read(ALL, async () => {
      const answer = await cell.call(DLMClient, new GetLifecyclePoliciesCommand({}))
      const policies = (answer.Policies ?? []).map(({ PolicyId: id = '' }) => ({
        arn: `arn:${cell.partition}:dlm:${cell.region}:${cell.accountId}:policy/${id}`,
        id,
      }))
      await cell.perItem(ALL, policies, (policy) => readPolicy(cell, policy))
    })
  },
})

const ALL: (keyof typeof tables)[] = [
  'dlm_policies',
  'dlm_policy_tags',
  'dlm_schedules',
  'dlm_copy_rules',
  'dlm_share_rules',
]

interface Listed {
  arn: string
  id: string
}

async function readPolicy(cell: DlmCell, { arn, id }: Listed): Promise<void> {
  // Deleted since it was listed.
  const answer = await absentIf(['ResourceNotFoundException'], () =>
    cell.call(DLMClient, new GetLifecyclePolicyCommand({ PolicyId: id })),
  )
  if (!answer) return
  const policy = told(answer, 'Policy')
  const details = told(policy, 'PolicyDetails')
  const of: PolicyColumns = { policy_arn: arn, policy_id: id }
  await putPolicy(cell, arn, policy)
  await putTags(cell, of, details)
  if (policy.DefaultPolicy) await putDefaultPolicy(cell, of, details)
  for (const schedule of details.Schedules ?? []) await putSchedule(cell, of, schedule)
  for (const action of details.Actions ?? []) await putAction(cell, of, action)
}

interface PolicyColumns {
  policy_arn: string
  policy_id: string
}

async function putPolicy(cell: DlmCell, arn: string, policy: LifecyclePolicy): Promise<void> {
  const details = policy.PolicyDetails ?? {}
  const { ResourceType: type, ResourceTypes: types = type ? [type] : [] } = details
  await cell.put('dlm_policies', {
    arn,
    policy_id: policy.PolicyId,
    description: policy.Description,
    state: policy.State,
    policy_type: details.PolicyType,
    default_policy: policy.DefaultPolicy ?? false,
    resource_types: types.join(','),
    resource_locations: details.ResourceLocations?.join(','),
    exclude_boot_volumes: details.Exclusions?.ExcludeBootVolumes,
    exclude_volume_types: details.Exclusions?.ExcludeVolumeTypes?.join(','),
    execution_role_arn: policy.ExecutionRoleArn,
    created_at: policy.DateCreated,
    modified_at: policy.DateModified,
  })
}

async function putTags(cell: DlmCell, of: PolicyColumns, details: PolicyDetails): Promise<void> {
  const { TargetTags: target = [], Exclusions: { ExcludeTags: exclude = [] } = {} } = details
  for (const [purpose, tags] of Object.entries({ target, exclude })) {
    for (const tag of tags) {
      const [tag_key, tag_value] = [told(tag, 'Key'), told(tag, 'Value')]
      await cell.put('dlm_policy_tags', {
        ...of,
        purpose,
        tag_key,
        tag_value,
        tag_json: tagJson(tag_key, tag_value),
      })
    }
  }
}

/** A default policy has one schedule without a name, in days. */
async function putDefaultPolicy(
  cell: DlmCell,
  of: PolicyColumns,
  { CreateInterval, RetainInterval: retain_days, CrossRegionCopyTargets }: PolicyDetails,
): Promise<void> {
  await cell.put('dlm_schedules', {
    ...of,
    interval_hours: CreateInterval === undefined ? undefined : CreateInterval * 24,
    location: 'CLOUD',
    retain_days,
  })
  for (const { TargetRegion: target } of CrossRegionCopyTargets ?? []) {
    await cell.put('dlm_copy_rules', { ...of, target, retain_days })
  }
}

async function putSchedule(cell: DlmCell, of: PolicyColumns, schedule: Schedule): Promise<void> {
  const { CreateRule: create, RetainRule: retain, Name: name } = schedule
  await cell.put('dlm_schedules', {
    ...of,
    schedule: name,
    // HOURS is the only unit there is.
    interval_hours: create?.Interval,
    times: create?.Times?.join(','),
    cron: create?.CronExpression,
    location: create?.Location,
    retain_count: retain?.Count,
    retain_days: inDays(retain),
  })
  for (const rule of schedule.CrossRegionCopyRules ?? []) {
    await cell.put('dlm_copy_rules', {
      ...of,
      schedule: name,
      target: rule.Target ?? rule.TargetRegion,
      encrypted: rule.Encrypted,
      cmk_arn: rule.CmkArn,
      retain_days: inDays(rule.RetainRule),
    })
  }
  for (const { TargetAccounts, UnshareInterval, UnshareIntervalUnit } of schedule.ShareRules ??
    []) {
    const unshare_days = inDays({ Interval: UnshareInterval, IntervalUnit: UnshareIntervalUnit })
    for (const shared_with_account_id of TargetAccounts ?? []) {
      await cell.put('dlm_share_rules', {
        ...of,
        schedule: name,
        shared_with_account_id,
        unshare_days,
      })
    }
  }
}

async function putAction(cell: DlmCell, of: PolicyColumns, action: Action): Promise<void> {
  for (const copy of action.CrossRegionCopy ?? []) {
    await cell.put('dlm_copy_rules', {
      ...of,
      schedule: action.Name,
      target: copy.Target,
      encrypted: copy.EncryptionConfiguration?.Encrypted,
      cmk_arn: copy.EncryptionConfiguration?.CmkArn,
      retain_days: inDays(copy.RetainRule),
    })
  }
}

const DAYS: Record<string, number> = { DAYS: 1, WEEKS: 7, MONTHS: 30, YEARS: 365 }

interface Interval {
  Interval?: number | undefined
  IntervalUnit?: string | undefined
}

function inDays(interval: Interval | undefined): number | undefined {
  const days = DAYS[interval?.IntervalUnit ?? '']
  return interval?.Interval && days ? interval.Interval * days : undefined
}
