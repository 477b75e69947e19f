import { join } from 'node:path'
import { openDuckdb } from '../engine/duckdb.ts'
import type { Scope } from '../report/page-data.ts'
import { writePage } from '../report/write-page.ts'
import { loadTables } from '../sources.ts'
import { UsageError } from '../usage-error.ts'
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
  } finally {
    engine.close()
  }
  output.print(`${path}\n`)
  return 0
}

function scopeOf({ account, ou }: ReportFlags): Scope {
  if (account !== undefined && ou !== undefined) {
    throw new UsageError('a page is for an account or for an OU; give --account or --ou, not both')
  }
  if (account !== undefined) {
    if (!/^\d{12}$/.test(account)) {
      throw new UsageError(`${JSON.stringify(account)} is no account id: it has twelve digits`)
    }
    return { kind: 'account', id: account }
  }
  if (ou === undefined) return { kind: 'organization', id: '' }
  if (!/^[\w-]+$/.test(ou))
    throw new UsageError(`${JSON.stringify(ou)} is no id of an OU or a root`)
  return { kind: 'ou', id: ou }
}
