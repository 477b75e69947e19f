import { stringify } from 'csv-stringify/sync'
import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/engine.ts'
import { checkRunId } from '../engine/render.ts'

/** The columns of `findings.csv`, in this order. */
export const FINDING_COLUMNS = [
  'control_id',
  'status',
  'severity',
  'account_id',
  'region',
  'resource_arn',
  'resource_type',
  'related_arn',
  'reason',
  'finding_id',
] as const

/** The run's findings as CSV (RFC 4180), in pieces, in the order of control, account, Region and id. */
export async function* findingsCsv(engine: Engine, runId: string): AsyncGenerator<string> {
  const run = literal(checkRunId(runId))
  yield stringify([[...FINDING_COLUMNS]])
  const sql = `
    select ${FINDING_COLUMNS.join(', ')} from ${engine.dialect.runTable('findings', runId)}
    where run_id = ${run}
    order by control_id, account_id, region, finding_id`
  for await (const rows of engine.stream(sql)) {
    yield stringify(rows.map((row) => FINDING_COLUMNS.map((column) => inert(row[column]))))
  }
}

/** A spreadsheet takes a cell that begins so for a formula; a leading apostrophe makes it text. */
function inert(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value)
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}
