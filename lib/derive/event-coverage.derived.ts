import { parseArn } from '../collectors/normalize.ts'
import { busOfCell } from '../events/buses.ts'
import { type EventKind, envelopes, eventKinds } from '../events/kinds.ts'
import { type Answer, all, any } from '../events/operators.ts'
import { couldMatch, matchPattern } from '../events/pattern.ts'
import { eventOf, type Place, type Sample } from '../events/samples.ts'
import type { StoredRow } from '../lake/table.ts'
import { boolean, defineTable, string } from '../lake/table.ts'
import { type DerivedCell, defineDerivation } from './derivation.ts'

const tables = {
  event_coverage: defineTable(
    'Which EventBridge rule takes which kind of event where, one row per kind, vault, way that the event comes, and target.',
    {
      kind: string(
        'Kind of event: `backup_job_failed`, `copy_job_failed`, `recovery_point_modified`, `recovery_point_deleted`, `vault_lock_removed`, `vault_policy_replaced`, `vault_policy_removed`, `key_deletion_scheduled`, `snapshot_deleted` or `trail_stopped`.',
      ),
      vault_arn: string('ARN of the vault that the event is about; none: of the whole Region.'),
      channel: string(
        'How the event comes: `service`, sent by the service itself, or `cloudtrail`, which needs a trail that records the call.',
      ),
      certain: boolean(
        'Whether the rule surely takes it; else its pattern, or one on the way, is malformed or not understood.',
      ),
      rule_arn: string('ARN of the rule, on the default bus, that takes it first.'),
      rule_name: string('Name of that rule.'),
      target_arn: string('ARN of the target that it reaches in the end.'),
      target_service: string('Service of the target, such as `sns`; `events` for another bus.'),
      target_account_id: string('Account of the target.'),
      target_region: string('Region of the target.'),
    },
  ),
}

type Cell = DerivedCell<typeof tables>

/**
 * Puts a sample of every kind of event to the patterns of the rules. An event that goes on to another bus of the same account and Region
 * is followed there; what leaves it, for another bus, has reached its target.
 */
export default defineDerivation({
  service: 'derive',
  scope: 'cell',
  reads: ['backup_vaults', 'event_rules', 'event_rule_targets'],
  tables,
  derive(cell) {
    cell.needs('event_coverage', ['backup_vaults', 'event_rules', 'event_rule_targets'])
    const buses = readBuses(cell)
    for (const kind of eventKinds) {
      for (const place of placesOf(cell, kind)) {
        for (const sample of kind.events) putCoverage(cell, { kind, place, sample, buses })
      }
    }
  },
})

interface Rule {
  arn: string
  name: string
  pattern: string
  targets: string[]
}

/** The rules that may alert somebody, by the name of their bus. */
type Buses = Map<string, Rule[]>

/** What another service has made for itself alerts nobody, but the rules of User Notifications do. */
const NOTIFIES = 'notifications.amazonaws.com'

function readBuses(cell: Cell): Buses {
  const rules = cell
    .rows('event_rules')
    .filter(({ state, event_pattern }) => String(state).startsWith('ENABLED') && event_pattern)
    .filter(({ managed_by }) => !managed_by || managed_by === NOTIFIES)
    .filter(({ event_pattern }) => envelopes.some((one) => couldMatch(String(event_pattern), one)))
  const targets = Map.groupBy(cell.rows('event_rule_targets'), ({ rule_arn }) => rule_arn)
  return Map.groupBy(
    rules.map((rule) => ({ bus: String(rule.bus), ...ruleOf(rule, targets.get(rule.arn) ?? []) })),
    ({ bus }) => bus,
  )
}

function ruleOf(rule: StoredRow, targets: StoredRow[]): Rule {
  return {
    arn: String(rule.arn),
    name: String(rule.name),
    pattern: String(rule.event_pattern),
    targets: targets.map(({ target_arn }) => String(target_arn)),
  }
}

function placesOf({ accountId, region, partition, asOf, rows }: Cell, { of }: EventKind): Place[] {
  const here = { accountId, region, partition, asOf }
  if (of === 'cell') return [here]
  return rows('backup_vaults').map(({ arn, name }) => ({
    ...here,
    vault: { arn: String(arn), name: String(name) },
  }))
}

interface Question {
  kind: EventKind
  place: Place
  sample: Sample
  buses: Buses
}

function putCoverage(cell: Cell, { kind, place, sample, buses }: Question): void {
  const event = eventOf(sample, place)
  const takes = (rule: Rule) => matchPattern(rule.pattern, event)
  for (const rule of buses.get('default') ?? []) {
    for (const [target, certain] of reached(cell, rule, { takes, buses })) {
      const arn = parseArn(target)
      cell.put('event_coverage', {
        kind: kind.name,
        vault_arn: place.vault?.arn ?? null,
        channel: sample.channel,
        certain: certain === 'yes',
        rule_arn: rule.arn,
        rule_name: rule.name,
        target_arn: target,
        target_service: arn?.service ?? null,
        target_account_id: arn?.accountId ?? null,
        target_region: arn?.region ?? null,
      })
    }
  }
}

interface Way {
  takes: (rule: Rule) => Answer
  buses: Buses
}

/** The targets at which an event ends up by way of a rule, with whether it surely does. */
function reached(cell: Cell, first: Rule, { takes, buses }: Way): Map<string, Answer> {
  const targets = new Map<string, Answer>()
  const visited = new Map<Rule, Answer>()
  let due = [{ rule: first, taken: takes(first) }]
  while (due.length > 0) {
    const news = due.filter(({ rule, taken }) => isNews(visited.get(rule), taken))
    for (const { rule, taken } of news) {
      visited.set(rule, taken)
      for (const target of rule.targets.filter((one) => busOfCell(cell, one) === undefined)) {
        targets.set(target, any([taken, targets.get(target) ?? 'no']))
      }
    }
    due = news.flatMap(({ rule, taken }) =>
      rule.targets
        .flatMap((target) => buses.get(busOfCell(cell, target) ?? '') ?? [])
        .map((next) => ({ rule: next, taken: all([taken, takes(next)]) })),
    )
  }
  return targets
}

/** Whether it is worth following a rule: it takes the event, and more surely so than was known before. */
function isNews(before: Answer | undefined, taken: Answer): boolean {
  return taken !== 'no' && before !== 'yes' && before !== taken
}
