import { join } from 'node:path'
import type { AuditResult } from '../audit.ts'
import { type FailOn, type Failure, thresholdsMet } from '../config/fail-on.ts'
import type { Summary } from '../report/summary.ts'
import { renderSummary } from '../report/terminal.ts'
import type { ExitCode, Output } from './output.ts'

export interface PresentOptions {
  json: boolean
  failOn: FailOn | undefined
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
  return concluded(options.failOn, Object.values(summary.by_control), output)
}

function nothingRead({ cells, coverage }: Summary): boolean {
  // Services of accounts, and of the organization, have no cells.
  if (cells.total === cells.not_requested) return coverage === 0
  return cells.complete + cells.partial === 0
}

/** The exit code by the thresholds of `--fail-on`; those that are met are named. */
export function concluded(
  failOn: FailOn | undefined,
  failures: Failure[],
  { note }: Pick<Output, 'note'>,
): ExitCode {
  const met = thresholdsMet(failOn, failures)
  for (const { family, threshold, fail } of met) {
    const severity = threshold === 'critical' ? 'critical' : `${threshold} or higher`
    note(`--fail-on is met: ${family} has ${fail} that fail at ${severity}`)
  }
  return met.length > 0 ? 1 : 0
}
