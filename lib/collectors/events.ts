import {
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  type Rule,
} from '@aws-sdk/client-eventbridge'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { busOfCell } from '../events/buses.ts'
import { envelopes } from '../events/kinds.ts'
import { couldMatch } from '../events/pattern.ts'
import { defineTable, string } from '../lake/table.ts'
import { defineCollector } from './collector.ts'

const tables = {
  event_rules: defineTable(
    'Rules of EventBridge on the default bus, and on the buses of the same account and Region that they pass events to.',
    {
      arn: string('ARN of the rule.'),
      name: string('Name of the rule.'),
      bus: string('Name of the bus that it is on.'),
      state: string(
        '`ENABLED`, `DISABLED`, or `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`: also for calls that only read.',
      ),
      event_pattern: string('Its event pattern as stored; none: it runs on a schedule.'),
      managed_by: string('The AWS service that made it for its own use; none: the account’s own.'),
    },
  ),
  event_rule_targets: defineTable(
    'Targets of the enabled rules whose pattern could match events on backups, their keys, snapshots or trails.',
    {
      rule_arn: string('ARN of the rule.'),
      target_id: string('Id of the target within the rule.'),
      target_arn: string('ARN of the target.'),
      role_arn: string('Role that EventBridge uses to reach it.'),
    },
  ),
}

type EventsCell = Cell<typeof tables>

/** The largest page. */
const PAGE = { Limit: 100 }

/** AWS services send their events to the default bus: another bus matters only where a rule passes events on to it. */
export default defineCollector({
  service: 'events',
  scope: 'cell',
  actions: ['events:ListRules', 'events:ListTargetsByRule'],
  tables,
  async collect(cell) {
    await cell.read(['event_rules', 'event_rule_targets'], async () => {
      const read = new Set<string>()
      let due = ['default']
      while (due.length > 0) {
        const next = new Set<string>()
        for (const bus of due) {
          read.add(bus)
          for (const further of await readBus(cell, bus)) next.add(further)
        }
        due = [...next].filter((bus) => !read.has(bus))
      }
    })
  },
})

/** Reads the rules of a bus, and answers the names of the buses that they pass events on to. */
async function readBus(cell: EventsCell, bus: string): Promise<string[]> {
  const rules: { arn: string; name: string | undefined }[] = []
  // A bus that a rule names may be gone.
  await absentIf(bus === 'default' ? [] : ['ResourceNotFoundException'], async () => {
    for await (const page of cell.pages(EventBridgeClient, ListRulesCommand, inputOf(bus))) {
      for (const rule of page.Rules ?? []) {
        await putRule(cell, rule, bus)
        if (isOfConcern(rule)) rules.push({ arn: told(rule, 'Arn'), name: told(rule, 'Name') })
      }
    }
  })
  const further: string[] = []
  await cell.perItem('event_rule_targets', rules, async ({ arn, name }) => {
    for (const target of await readTargets(cell, { arn, name, bus })) {
      const next = busOfCell(cell, target)
      if (next !== undefined) further.push(next)
    }
  })
  return further
}

function inputOf(bus: string) {
  return { ...PAGE, EventBusName: bus }
}

async function putRule(cell: EventsCell, rule: Rule, bus: string): Promise<void> {
  await cell.put('event_rules', {
    arn: rule.Arn,
    name: rule.Name,
    bus,
    state: rule.State,
    event_pattern: rule.EventPattern,
    managed_by: rule.ManagedBy,
  })
}

/** Whether the rule's targets matter: it runs, and its pattern could match an event that somebody should hear of. */
function isOfConcern({ State, EventPattern }: Rule): boolean {
  if (!EventPattern || State === 'DISABLED') return false
  return envelopes.some((envelope) => couldMatch(EventPattern, envelope))
}

async function readTargets(
  cell: EventsCell,
  { arn, name, bus }: { arn: string; name: string | undefined; bus: string },
): Promise<string[]> {
  const targets: string[] = []
  // Deleted since it was listed.
  await absentIf(['ResourceNotFoundException'], async () => {
    const input = { ...inputOf(bus), Rule: name }
    for await (const page of cell.pages(EventBridgeClient, ListTargetsByRuleCommand, input)) {
      for (const { Id, Arn, RoleArn } of page.Targets ?? []) {
        if (Arn) targets.push(Arn)
        await cell.put('event_rule_targets', {
          rule_arn: arn,
          target_id: Id,
          target_arn: Arn,
          role_arn: RoleArn,
        })
      }
    }
  })
  return targets
}
