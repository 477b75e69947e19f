import { join } from 'node:path'
import type { AuditResult } from '../audit.ts'
import { type Severity, severities } from '../config/schema.ts'
import type { Summary } from '../report/summary.ts'
import { renderSummary } from '../report/terminal.ts'
import type { ExitCode, Output } from './output.ts'

export interface PresentOptions {
  json: boolean
  failOn: Severity | undefined
}

/** Prints what a run found and answers the exit code it ends with. */
export function present(result: AuditResult, options: PresentOptions, output: Output): ExitCode {
  const { summary, lake, run_id } = result
  if (options.json) {
    output.print(`${JSON.stringify(summary, undefined, 2)}\n`)
  } else {
    const { width, colour } = output
    output.print(`${renderSummary(summary, { width, colour })}\n`)
    output.print(
      `\nReport: ${join(lake, 'reports', run_id, 'report.html')} (and summary.json, findings.csv)\n`,
    )
  }
  if (nothingRead(summary)) {
    output.note('nothing could be read: check the role name, its trust and the external id')
    return 3
  }
  return options.failOn && fails(summary, options.failOn) ? 1 : 0
}

function nothingRead({ cells, coverage }: Summary): boolean {
  // Services of accounts, and of the organization, have no cells.
  if (cells.total === cells.not_requested) return coverage === 0
  return cells.complete + cells.partial === 0
}

function fails(summary: Summary, threshold: Severity): boolean {
  const counted = severities.slice(0, severities.indexOf(threshold) + 1)
  return counted.some((severity) => (summary.by_severity[severity]?.fail ?? 0) > 0)
}
