import { styleText } from 'node:util'
import { CHANGES, type Change, type Diff, type Difference } from './diff.ts'
import { grid, visible } from './grid.ts'
import type { TerminalOptions } from './terminal.ts'

const HEADINGS: Record<Change, string> = {
  newly_failing: 'Newly failing',
  appeared: 'Appeared',
  newly_unread: 'Newly unread (unknown, never fine)',
  fixed: 'Fixed',
  waived: 'Waived',
  newly_read: 'Read again',
  vanished: 'Vanished',
  not_compared: 'Not compared: one of the runs covered a part of the organization only',
}

/** What changed between two runs as a person reads it: each kind of change with at most `shown` findings. */
export function renderDiff(
  diff: Diff,
  { width, colour, shown }: TerminalOptions & { shown: number },
): string {
  const bold = (text: string) =>
    colour ? styleText('bold', text, { validateStream: false }) : text
  const usable = Math.max(60, Math.min(width, 160))
  const lines = [
    `${bold(`${diff.earlier} → ${diff.later}`)}  ${diff.differences.length} changed, ${diff.unchanged} unchanged`,
  ]
  for (const change of CHANGES) {
    const rows = diff.differences.filter((difference) => difference.change === change)
    if (rows.length === 0) continue
    lines.push('', bold(`${HEADINGS[change]}: ${counted(rows)}`))
    lines.push(table(rows.slice(0, shown), usable))
    if (rows.length > shown) lines.push(`… and ${rows.length - shown} more; --all shows them`)
  }
  return `${lines.join('\n')}\n`
}

function counted(rows: Difference[]): string {
  const failing = rows.filter(({ after }) => after === 'fail').length
  const all = String(rows.length)
  return failing === 0 || failing === rows.length ? all : `${all} (${failing} failing)`
}

function table(rows: Difference[], usable: number): string {
  const rest = Math.max(20, usable - 8 - 34 - 12 - 14 - 16 - 5)
  const drawn = grid([34, 8, 16, 12, 14, rest], usable)
  for (const row of rows) {
    drawn.push([
      row.control_id,
      row.severity,
      `${row.before ?? '–'} → ${row.after ?? '–'}`,
      row.account_id,
      row.region,
      visible(nameOf(row)),
    ])
  }
  return drawn.toString()
}

/** The end of an ARN tells which resource it is; account and Region have columns of their own. */
function nameOf({ resource_arn: arn }: Difference): string {
  const parts = arn.split(':')
  return parts.length > 5 && arn.startsWith('arn:') ? parts.slice(5).join(':') : arn
}
