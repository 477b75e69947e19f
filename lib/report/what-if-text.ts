import type { FindingChange, ScoreChange } from '../what-if/compare.ts'
import type { WhatIf } from '../what-if/what-if.ts'
import { counted, type Paint, painter } from './answer-text.ts'
import { grid, visible } from './grid.ts'
import { bounds, percent } from './terminal.ts'

/** How many changes of one control are shown; `--json` has them all. */
const SHOWN = 5

export interface TextOptions {
  /** Columns of the terminal. */
  width: number
  colour: boolean
}

/** What a policy would change, as a person reads it in a terminal: the scores, then finding by finding. */
export function renderWhatIf(answer: WhatIf, { width, colour }: TextOptions): string {
  const paint = painter(colour)
  const { score, controls, changes, policy, file, targets, notes } = answer
  const kind = policy === 'scp' ? 'service control policy' : 'vault policy'
  const usable = Math.max(60, Math.min(width, 120))
  return [
    `With the ${kind} ${visible(file)} on ${targets.length > 3 ? counted(targets.length, 'vault') : visible(targets.join(', '))}:`,
    '',
    `${paint('bold', 'REL09-BP02 score')}  ${shown(score.before)} → ${paint('bold', shown(score.after))}`,
    changes.length === 0 ? 'No finding would change.' : `${countsText(changes)}.`,
    ...scoresText('Controls whose score would change', controls, { usable, paint }),
    ...[...Map.groupBy(changes, ({ control_id }) => control_id)].flatMap(([control, own]) =>
      ofControl(control, own, paint),
    ),
    '',
    ...notes.map((note) => paint('dim', `Note: ${visible(note)}`)),
    '',
  ].join('\n')
}

function countsText(changes: readonly FindingChange[]): string {
  const kinds = Map.groupBy(
    changes,
    ({ before, after }) => `${before ?? 'none'} → ${after ?? 'none'}`,
  )
  const parts = [...kinds].map(([kind, own]) => `${own.length} ${kind}`)
  return `${counted(changes.length, 'finding')} would change: ${parts.join(', ')}`
}

function scoresText(
  heading: string,
  rows: readonly ScoreChange[],
  { usable, paint }: { usable: number; paint: Paint },
): string[] {
  if (rows.length === 0) return []
  const table = grid([44, 22, 22], usable)
  table.push(['control', 'before', 'after'].map((text) => paint('dim', text)))
  for (const { id, before, after } of rows) table.push([id, shown(before), shown(after)])
  return ['', paint('bold', heading), table.toString()]
}

function ofControl(control: string, own: readonly FindingChange[], paint: Paint): string[] {
  const more = own.length - SHOWN
  return [
    '',
    paint('bold', control),
    ...own
      .slice(0, SHOWN)
      .flatMap((change) => [
        `  ${statusText(change.before, paint)} → ${statusText(change.after, paint)}  ${change.account_id} ${change.region}  ${visible(change.resource_arn)}`,
        ...(change.reason_after ? [`    ${visible(change.reason_after)}`] : []),
      ]),
    ...(more > 0 ? [`  and ${more} more; --json has them all`] : []),
  ]
}

function statusText(status: string | null, paint: Paint): string {
  if (status === 'fail') return paint('red', status)
  if (status === 'pass') return paint('green', status)
  return status === null ? 'none' : paint('yellow', status)
}

function shown(score: ScoreChange['before']): string {
  return score.value === null ? '–' : `${percent(score.value)} (${bounds(score)})`
}
