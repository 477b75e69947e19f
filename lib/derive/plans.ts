import type { StoredRow } from '../lake/table.ts'
import { longestPauseHours } from './schedule.ts'
import { type Candidate, parseSelection, readsTags, type Selection, selects } from './selection.ts'

/** A backup plan with what it chooses and how often it runs. */
export interface BackupPlan {
  arn: string
  name: string | null
  selections: Selection[]
  /** Hours between its backups at most, by the rule that runs most often; undefined: no rule's schedule can be read. */
  intervalHours: number | undefined
  continuous: boolean
  readsTags: boolean
  optedIn: (type: string) => boolean
}

/** Reads the plans of one cell. A plan without rules makes no backups and so protects nothing. */
export function readPlans({
  rows,
  asOf,
}: {
  rows(table: string): StoredRow[]
  asOf: Date
}): BackupPlan[] {
  const opted = new Set(
    rows('backup_region_settings')
      .filter(({ opted_in }) => opted_in === true)
      .map(({ resource_type }) => resource_type),
  )
  return rows('backup_plans').flatMap((plan) => {
    const mine = (table: string) => rows(table).filter((row) => row.plan_arn === plan.arn)
    const rules = mine('backup_plan_rules')
    if (rules.length === 0) return []
    const selections = mine('backup_selections').map((row) => parseSelection(String(row.selection)))
    const pauses = rules.flatMap((rule) => pauseOf(rule, asOf) ?? [])
    return {
      arn: String(plan.arn),
      name: typeof plan.name === 'string' ? plan.name : null,
      selections,
      intervalHours: pauses.length > 0 ? Math.ceil(Math.min(...pauses)) : undefined,
      continuous: rules.some((rule) => rule.continuous_backup === true),
      readsTags: selections.some(readsTags),
      optedIn: (type: string) => opted.has(type),
    }
  })
}

function pauseOf(rule: StoredRow, from: Date): number | undefined {
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  const timezone = text(rule.schedule_timezone)
  return longestPauseHours(text(rule.schedule_expression), { timezone, from })
}

/** The plans and selections that choose a resource. */
export function planProtections(
  plans: BackupPlan[],
  candidate: Candidate,
): { plan: BackupPlan; selection: string | null }[] {
  return plans.flatMap((plan) =>
    plan.selections
      .filter((selection) => selects(selection, candidate, plan.optedIn))
      .map((selection) => ({ plan, selection: selection.SelectionName ?? null })),
  )
}
