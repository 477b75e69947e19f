import { createWriteStream } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Counters } from '../aws/meter.ts'
import type { Engine } from '../engine/engine.ts'
import type { Table } from '../lake/table.ts'
import { type AsffOptions, findingsAsff } from './findings-asff.ts'
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
  /** What `findings.asff.json` is written with. */
  asff: Omit<AsffOptions, 'runId'>
}

/** Writes `reports/<run_id>/`: report.html, findings.csv, findings.asff.json and summary.json, each whole or not at all. The summary comes last. */
export async function writeReport(engine: Engine, options: ReportOptions): Promise<Summary> {
  const { lake, runId } = options
  const folder = join(lake, 'reports', runId)
  await mkdir(folder, { recursive: true })
  await writePieces(join(folder, 'findings.csv'), findingsCsv(engine, runId))
  const asff = findingsAsff(engine, { ...options.asff, runId })
  await writePieces(join(folder, 'findings.asff.json'), asff)
  await writePage(engine, join(folder, 'report.html'), options)
  const summary = await summarize(engine, runId, options)
  const path = join(folder, 'summary.json')
  await writeFile(`${path}.tmp`, `${JSON.stringify(summary, undefined, 2)}\n`)
  await rename(`${path}.tmp`, path)
  return summary
}

async function writePieces(path: string, pieces: AsyncIterable<string>): Promise<void> {
  await pipeline(Readable.from(pieces), createWriteStream(`${path}.tmp`))
  await rename(`${path}.tmp`, path)
}
