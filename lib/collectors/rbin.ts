import {
  GetRuleCommand,
  type GetRuleCommandOutput,
  ListRulesCommand,
  RbinClient,
} from '@aws-sdk/client-rbin'
import { z } from 'zod'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { defineTable, int, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { tagJson } from './normalize.ts'

const tables = {
  recycle_bin_rules: defineTable(
    'Rules of the Recycle Bin that keep deleted EBS snapshots for a while, one row each.',
    {
      arn: string('ARN of the rule.'),
      rule_id: string('Id of the rule.'),
      resource_type: string('`EBS_SNAPSHOT`.'),
      description: string('Description.'),
      status: string('`pending` or `available`: only then it keeps anything.'),
      retention_days: int('Days that a deleted snapshot is kept.'),
      lock_state: string('`locked`, `pending_unlock` or `unlocked`; none: never locked.'),
      lock_ends_at: timestamp('When the delay after unlocking ends.'),
    },
  ),
  recycle_bin_rule_tags: defineTable(
    'Tags by which rules choose, one row per rule and tag; a rule without `include` covers all.',
    {
      rule_arn: string('ARN of the rule.'),
      rule_id: string('Id of the rule.'),
      purpose: string('`include`: what has any such tag is kept; `exclude`: is not.'),
      tag_key: string('Key of the tag.'),
      tag_value: string('Value of the tag; none: the rule names the key alone.'),
      tag_json: string(
        'The tag as it stands in a column of tags, after `{` or `,`: `"key":"value"`, or `"key":"` for the key alone.',
      ),
    },
  ),
}

type RbinCell = Cell<typeof tables>

const ALL: (keyof typeof tables)[] = ['recycle_bin_rules', 'recycle_bin_rule_tags']

/** Rules are listed by type of resource; those on snapshots are the ones that keep backups. */
const LIST = { ResourceType: 'EBS_SNAPSHOT' as const, MaxResults: 1000 }

export default defineCollector({
  service: 'rbin',
  scope: 'cell',
  actions: ['rbin:GetRule', 'rbin:ListRules'],
  tables,
  async collect(cell) {
    await cell.read(ALL, async () => {
      const rules: Listed[] = []
      for await (const page of cell.pages(RbinClient, ListRulesCommand, LIST)) {
        for (const { Identifier: id = '' } of page.Rules ?? []) {
          const arn = `arn:${cell.partition}:rbin:${cell.region}:${cell.accountId}:rule/${id}`
          rules.push({ arn, id })
        }
      }
      await cell.perItem(ALL, rules, (rule) => readRule(cell, rule))
    })
  },
})

interface Listed {
  arn: string
  id: string
}

async function readRule(cell: RbinCell, { arn, id }: Listed): Promise<void> {
  const { command, excluded } = getRule(id)
  // Deleted since it was listed.
  const rule = await absentIf(['ResourceNotFoundException'], () => cell.call(RbinClient, command))
  if (!rule) return
  await cell.put('recycle_bin_rules', { arn, ...ruleColumns(rule) })
  const tags = { include: rule.ResourceTags ?? [], exclude: excluded() }
  for (const [purpose, list] of Object.entries(tags)) {
    for (const tag of list) {
      const tag_key = told(tag, 'ResourceTagKey')
      const tag_value = tag.ResourceTagValue
      await cell.put('recycle_bin_rule_tags', {
        rule_arn: arn,
        rule_id: id,
        purpose,
        tag_key,
        tag_value,
        tag_json: tagJson(tag_key, tag_value),
      })
    }
  }
}

function ruleColumns(rule: GetRuleCommandOutput) {
  return {
    rule_id: rule.Identifier,
    resource_type: rule.ResourceType,
    description: rule.Description,
    status: rule.Status,
    retention_days: rule.RetentionPeriod?.RetentionPeriodValue,
    lock_state: rule.LockState,
    lock_ends_at: rule.LockEndTime,
  }
}

const exclusionsSchema = z.object({
  ExcludeResourceTags: z
    .array(z.object({ ResourceTagKey: z.string(), ResourceTagValue: z.string().optional() }))
    .nullish(),
})

type Exclusions = NonNullable<z.infer<typeof exclusionsSchema>['ExcludeResourceTags']>

interface HttpAnswer {
  statusCode: number
  /** Read to its end by the session, which looks whether it is an answer at all. */
  body: Uint8Array
}

/**
 * Exclusion tags are younger than this client, which leaves them out of what it answers: they are read from the response itself,
 * when the client has understood it.
 */
function getRule(id: string): { command: GetRuleCommand; excluded: () => Exclusions } {
  let text = '{}'
  const command = new GetRuleCommand({ Identifier: id })
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const response = result.response as HttpAnswer
      if (response.statusCode < 300) text = Buffer.from(response.body).toString()
      return result
    },
    { name: 'strongroomExclusionTags', step: 'deserialize' },
  )
  const excluded = () => exclusionsSchema.parse(JSON.parse(text)).ExcludeResourceTags ?? []
  return { command, excluded }
}
