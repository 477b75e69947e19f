import { createWriteStream } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Counters } from '../aws/meter.ts'
import type { Engine } from '../engine/engine.ts'
import type { Table } from '../lake/table.ts'
import { findingsCsv } from './findings-csv.ts'
import { summarize } from './summarize.ts'
import type { Summary } from './summary.ts'
import { writePage } from './write-page.ts'

export interface ReportOptions {
  /** Root of the lake. */
  lake: string
  runId: string
  /** Every table of the lake. */
  tables: Record<string, Table>
  /** What was asked before anything was collected. */
  discoveryCalls: Counters
  startedAt: Date
  finishedAt: Date
}

/** Writes `reports/<run_id>/`: report.html, findings.csv and summary.json, each whole or not at all. The summary comes last. */
export async function writeReport(engine: Engine, options: ReportOptions): Promise<Summary> {
  const { lake, runId } = options
  const folder = join(lake, 'reports', runId)
  await mkdir(folder, { recursive: true })
  const csv = join(folder, 'findings.csv')
  await pipeline(Readable.from(findingsCsv(engine, runId)), createWriteStream(`${csv}.tmp`))
  await rename(`${csv}.tmp`, csv)
  await writePage(engine, join(folder, 'report.html'), options)
  const summary = await summarize(engine, runId, options)
  const path = join(folder, 'summary.json')
  await writeFile(`${path}.tmp`, `${JSON.stringify(summary, undefined, 2)}\n`)
  await rename(`${path}.tmp`, path)
  return summary
}
