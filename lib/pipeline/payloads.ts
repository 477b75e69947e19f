import { z } from 'zod'
import { configSchema } from '../config/schema.ts'

/** What an execution may be started with: nothing, by the scheduler its time, by a person a narrower scope. */
export const startInput = z.strictObject({
  /** The time the scheduler was to fire at: it names the run, so that a second delivery is refused. */
  scheduled_time: z.iso.datetime({ offset: true }).optional(),
  /** What of the configuration this run narrows. */
  scope: configSchema
    .pick({ accounts: true, ous: true, regions: true, services: true, controls: true })
    .partial()
    .optional(),
})

export interface DiscoverEvent {
  /** ARN of the execution. */
  execution: string
  started_at: string
  input: unknown
}

/** What travels through the state machine from step to step. Rows never do. */
export interface RunState {
  run_id: string
  /** Another execution has this run already. */
  duplicate: boolean
  scope_complete: boolean
  /** The pass that is next, or under way. */
  pass: number
  /** Units of that pass, and where they are listed. */
  open: number
  units_key: string
}

/** A line of a pass's units. Without slices: every slice of the run in that account. */
export interface PlannedUnit {
  unit: string
  account_id: string
  pass: number
  slices?: { region: string; collector: string }[] | undefined
}

export interface CollectEvent {
  run_id: string
  unit: PlannedUnit
}

/** What a worker answers to the state machine; all else is in the lake. */
export interface CollectResult {
  unit: string
  pass: number
  /** Whether this attempt's answer counts: another may have been first. */
  counts: boolean
  slices: number
  open: number
}

export interface DeriveEvent {
  run_id: string
  account_id: string
}

export interface RunEvent {
  run_id: string
}

/** Lists of statements that Athena runs one after the other, each list at once. */
export const PHASES = ['carry', 'inventory', 'coverage', 'findings', 'scores', 'latest'] as const
export type Phase = (typeof PHASES)[number]

/** A statement in which the attempt's name is still missing: each attempt writes to a folder of its own. */
export interface AttemptStatement {
  before: string
  after: string
}

/** A line of a phase's statements. */
export interface PlannedQuery {
  name: string
  /** Writes the query's rows to the attempt's folder. */
  unload: AttemptStatement
  /** Makes that folder a partition: this is what commits it. */
  register: AttemptStatement
}

/** A line of the phase `latest`: one statement, which may be run again. */
export interface PlannedStatement {
  name: string
  sql: string
}

export interface FailEvent {
  run?: Partial<RunState>
  execution: string
  error: { Error?: string; Cause?: string }
}

/** What the publish step answers. */
export interface Published {
  /** Whether the step is to be taken again. */
  more: boolean
  accepted: number
  refused: number
  unsure: number
  not_sent: number
  archived: number
  unchanged: number
}

/** What the event `Strongroom Audit Completed` says, and the report step answers. */
export interface Completed {
  run_id: string
  as_of: string
  scope_complete: boolean
  accounts: number
  coverage: number | null
  score: { value: number | null; low: number | null; high: number | null }
  findings: { pass: number; fail: number; unknown: number; waived: number }
  report: string
}
