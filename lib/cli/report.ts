import { join } from 'node:path'
import { openDuckdb } from '../engine/duckdb.ts'
import { scopeOf } from '../report/scope.ts'
import { damagedLine } from '../report/terminal.ts'
import { writePage } from '../report/write-page.ts'
import { loadTables } from '../sources.ts'
import { newestRun } from './newest-run.ts'
import type { ExitCode, Output } from './output.ts'

export interface ReportFlags {
  lake: string
  /** The run that is reported; the newest complete one when undefined. */
  run?: string
  /** Only this account's rows. */
  account?: string
  /** Only the rows of the accounts below this organizational unit. */
  ou?: string
  /** Where the page is written; beside the run's other reports when undefined. */
  out?: string
}

/** `strongroom report`: writes a run's page again, or one that holds an owner's rows and nobody else's. */
export async function runReport(flags: ReportFlags, output: Output): Promise<ExitCode> {
  const scope = scopeOf(flags)
  const runId = flags.run ?? (await newestRun(flags.lake))
  const name = scope.kind === 'organization' ? 'report.html' : `report-${scope.id}.html`
  const path = flags.out ?? join(flags.lake, 'reports', runId, name)
  const tables = await loadTables()
  const engine = await openDuckdb({ lake: flags.lake, tables })
  try {
    await writePage(engine, path, { runId, tables, scope })
    for (const { file, reason } of engine.leftOut?.() ?? []) output.note(damagedLine(file, reason))
  } finally {
    engine.close()
  }
  output.print(`${path}\n`)
  return 0
}
