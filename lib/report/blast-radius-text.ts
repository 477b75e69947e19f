import type { Stride } from '../ask/become.ts'
import type { BlastRadius } from '../ask/blast-radius.ts'
import type { BackupPlace, StoreLoss } from '../ask/store-losses.ts'
import {
  counted,
  notKnownLines,
  type Paint,
  painter,
  shortArn,
  shortStatement,
  some,
} from './answer-text.ts'
import { grid, visible } from './grid.ts'

/** How many rows of each part are shown; `--json` has them all. */
const SHOWN = 12

export interface TextOptions {
  /** Columns of the terminal. */
  width: number
  colour: boolean
}

/** What goes with a principal, as a person reads it in a terminal. */
export function renderBlastRadius(answer: BlastRadius, { width, colour }: TextOptions): string {
  const paint = painter(colour)
  const usable = Math.max(60, Math.min(width, 120))
  return [
    `${paint('bold', 'If it falls:')} ${visible(answer.principal)}`,
    ...becomesText(answer, paint),
    ...storesText(answer, { usable, paint }),
    ...survivingText(answer, { usable, paint }),
    ...keysText(answer, paint),
    ...notKnownLines(answer.not_known, paint),
    '',
    ...answer.notes.map((note) => paint('dim', `Note: ${visible(note)}`)),
    '',
  ].join('\n')
}

interface Style {
  usable: number
  paint: Paint
}

function becomesText({ becomes, accounts, principal }: BlastRadius, paint: Paint): string[] {
  const heading = `It becomes ${becomes.length === 0 ? 'nobody else' : counted(becomes.length, 'other')}, in ${counted(accounts.length, 'account')}`
  const own = principal.split(':')[4] ?? ''
  // The nearest first, and of them those in other accounts.
  const shown = becomes
    .toSorted(
      (a, b) =>
        a.steps.length - b.steps.length ||
        Number(a.account_id === own) - Number(b.account_id === own),
    )
    .slice(0, SHOWN)
    .flatMap(({ who, decision, steps }) => [
      `  ${paint(decision === 'allowed' ? 'red' : 'yellow', decision.padEnd(11))} ${shortArn(who, own)}`,
      ...steps.map((step) => `                ${strideText(step, own)}`),
    ])
  const more = becomes.length - SHOWN
  return [
    '',
    paint('bold', heading),
    ...shown,
    ...(more > 0 ? [`  and ${more} more; --json has them all`] : []),
  ]
}

function strideText({ from, how, statements }: Stride, own: string): string {
  const by = some(
    statements.map((statement) => shortStatement(statement, own)),
    3,
  )
  return `${how} as ${shortArn(from, own)}, by ${by || 'what it is'}`
}

function storesText({ stores }: BlastRadius, { usable, paint }: Style): string[] {
  const types = [...Map.groupBy(stores, ({ resource_type }) => resource_type)].sort()
  if (types.length === 0) return ['', paint('bold', 'No data store was found there')]
  const table = grid([22, 8, 8, 14, 8, 26], usable)
  table.push(
    ['data stores', 'all', 'go', 'conditional', 'stay', 'go with every backup'].map((text) =>
      paint('dim', text),
    ),
  )
  for (const [type, own] of [...types, ['together', stores] as const])
    table.push([type, ...rowOf(own)])
  const ruined = stores.filter(({ restorable }) => restorable === false)
  return [
    '',
    table.toString(),
    ...(ruined.length > 0 ? ['', paint('bold', 'Nothing is left of')] : []),
    ...ruined
      .slice(0, SHOWN)
      .map((store) => `  ${paint('red', visible(store.arn))}  ${gone(store)}`),
    ...(ruined.length > SHOWN ? [`  and ${ruined.length - SHOWN} more; --json has them all`] : []),
  ]
}

function rowOf(stores: readonly StoreLoss[]): string[] {
  const go = stores.filter(({ loss }) => loss?.decision === 'allowed').length
  const conditional = stores.filter(({ loss }) => loss?.decision === 'conditional').length
  const ruined = stores.filter(({ restorable }) => restorable === false).length
  const perhaps = stores.filter(({ restorable }) => restorable === null).length
  const stay = stores.length - go - conditional
  return [
    ...[stores.length, go, conditional, stay].map(String),
    perhaps > 0 ? `${ruined} (perhaps ${perhaps} more)` : String(ruined),
  ]
}

function gone({ loss, backups }: StoreLoss): string {
  const where =
    backups.length === 0 ? 'it has no backup' : `${counted(backups.length, 'place')} of backups`
  return `${loss?.action ?? ''}; ${where}`
}

function survivingText({ stores }: BlastRadius, { usable, paint }: Style): string[] {
  const places = stores.filter(({ loss }) => loss).flatMap(({ backups }) => backups)
  if (places.length === 0) return []
  const reasons = [...Map.groupBy(places, reasonOf)].sort((a, b) => b[1].length - a[1].length)
  const table = grid([72, 10, 18], usable)
  table.push(
    ['backups of the data stores that go', 'places', 'recovery points'].map((text) =>
      paint('dim', text),
    ),
  )
  for (const [reason, own] of reasons) {
    const points = own.reduce((sum, { recovery_points }) => sum + (recovery_points ?? 0), 0)
    table.push([visible(reason), String(own.length), String(points)])
  }
  return ['', table.toString()]
}

function reasonOf({ loss, kept, unreadable, place }: BackupPlace): string {
  if (loss?.decision === 'allowed') return place === 'store' ? 'go with the data store' : 'go'
  if (loss) return 'go by a condition'
  return unreadable ? `stay, but their keys can be destroyed: ${kept}` : `stay: ${kept}`
}

function keysText({ keys }: BlastRadius, paint: Paint): string[] {
  if (keys.length === 0) return ['', 'It can destroy no customer managed key that was read.']
  const lines = keys.slice(0, SHOWN).map(({ key_arn, loss, data_stores, recovery_points }) => {
    const style = loss.decision === 'allowed' ? 'red' : 'yellow'
    const hang = `${counted(data_stores, 'data store')} and ${counted(recovery_points, 'recovery point')} hang on it`
    return `  ${paint(style, loss.decision.padEnd(11))} ${visible(key_arn)}  ${loss.action}; ${hang}`
  })
  const more = keys.length - SHOWN
  return [
    '',
    paint('bold', `It can destroy ${counted(keys.length, 'key')}`),
    ...lines,
    ...(more > 0 ? [`  and ${more} more; --json has them all`] : []),
  ]
}
