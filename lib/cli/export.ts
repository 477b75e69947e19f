import { createWriteStream } from 'node:fs'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openDuckdb } from '../engine/duckdb.ts'
import { checkRunId } from '../engine/render.ts'
import type { ExportFormat } from '../report/exports/formats.ts'
import { exportRun } from '../report/exports/write.ts'
import type { Summary } from '../report/summary.ts'
import { loadTables } from '../sources.ts'
import { UsageError } from '../usage-error.ts'
import { newestRun } from './newest-run.ts'
import type { ExitCode, Output } from './output.ts'

export interface ExportFlags {
  format: ExportFormat
  lake: string
  /** The run that is exported; the newest complete one when undefined. */
  run?: string
  /** Where it is written; standard output when undefined. */
  out?: string
}

/** `strongroom export`: a run for other programs. A file appears whole or not at all. */
export async function runExport(
  flags: ExportFlags,
  output: Output,
  { version }: { version: string },
): Promise<ExitCode> {
  const { lake, format, out } = flags
  const runId = checkRunId(flags.run ?? (await newestRun(lake)))
  const summary = await summaryOf(lake, runId)
  const context = { run_id: runId, as_of: new Date(summary.as_of), version }
  const engine = await openDuckdb({ lake, tables: await loadTables() })
  try {
    const pieces = exportRun(engine, format, { context, summary })
    if (out === undefined) {
      for await (const piece of pieces) output.print(piece)
      return 0
    }
    await pipeline(Readable.from(pieces), createWriteStream(`${out}.tmp`))
    await rename(`${out}.tmp`, out)
    output.print(`${out}\n`)
    return 0
  } finally {
    engine.close()
  }
}

async function summaryOf(lake: string, runId: string): Promise<Summary> {
  const path = join(lake, 'reports', runId, 'summary.json')
  const content = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new UsageError(`there is no complete run ${runId} in ${lake}`, { cause })
  })
  return JSON.parse(content)
}
