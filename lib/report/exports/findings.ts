import { type Engine, literal } from '../../engine/engine.ts'
import { checkRunId } from '../../engine/render.ts'
import { text, textOrNull } from '../values.ts'

/** A judgement with what other programs want to know of it. */
export interface ExportedFinding {
  finding_id: string
  control_id: string
  status: 'pass' | 'fail' | 'unknown' | 'waived'
  severity: string
  account_id: string
  account_name: string | null
  /** `global` where it has none. */
  region: string
  resource_arn: string
  resource_type: string
  related_arn: string | null
  reason: string
}

/** A run's findings in pieces, in the order of control, account, Region and id. */
export async function* findingsOf(
  engine: Engine,
  runId: string,
): AsyncGenerator<ExportedFinding[]> {
  const run = literal(checkRunId(runId))
  const { runTable } = engine.dialect
  const sql = `
    select f.*, a.name as account_name
    from ${runTable('findings', runId)} as f
    left join (select account_id, name from ${runTable('accounts', runId)} where run_id = ${run}) as a
      on a.account_id = f.account_id
    where f.run_id = ${run}
    order by f.control_id, f.account_id, f.region, f.finding_id`
  for await (const rows of engine.stream(sql)) {
    yield rows.map((row) => ({
      finding_id: text(row.finding_id),
      control_id: text(row.control_id),
      status: text(row.status) as ExportedFinding['status'],
      severity: text(row.severity),
      account_id: text(row.account_id),
      account_name: textOrNull(row.account_name),
      region: text(row.region),
      resource_arn: text(row.resource_arn),
      resource_type: text(row.resource_type),
      related_arn: textOrNull(row.related_arn),
      reason: text(row.reason),
    }))
  }
}

/** What is known of the run as a whole. */
export interface ExportContext {
  run_id: string
  /** Moment that the run judges. */
  as_of: Date
  /** Version of Strongroom. */
  version: string
}
