import type { PowerHeld } from '../ask/powers-over.ts'
import type { Holder, WhoCan } from '../ask/who-can.ts'
import {
  counted,
  notKnownLines,
  type Paint,
  painter,
  shortArn,
  shortStatement,
  some,
  wayText,
} from './answer-text.ts'
import { visible } from './grid.ts'

/** How many ways in and statements of one principal are shown; `--json` has them all. */
const SHOWN = 4

/** Who holds a power, as a person reads it in a terminal: account by account. */
export function renderWhoCan(answer: WhoCan, { colour }: { colour: boolean }): string {
  const paint = painter(colour)
  const { holders, could_escalate, notes } = answer
  return [
    headline(answer, paint),
    ...[...Map.groupBy(holders, ({ account_id }) => account_id).values()].flatMap((own) =>
      ofAccount(own, paint),
    ),
    ...(could_escalate.length > 0
      ? [
          '',
          `${counted(could_escalate.length, 'more principal')} may give themselves other permissions: ${some(
            could_escalate.map((arn) => shortArn(arn)),
            SHOWN,
          )}; strongroom blast-radius tells what comes of it`,
        ]
      : []),
    ...notKnownLines(answer.not_known, paint),
    '',
    ...notes.map((note) => paint('dim', `Note: ${visible(note)}`)),
    '',
  ].join('\n')
}

function headline({ power, resource, holders }: WhoCan, paint: Paint): string {
  const conditional = holders.filter(({ decision }) => decision === 'conditional').length
  const accounts = new Set(holders.map(({ account_id }) => account_id)).size
  const over = resource ? ` over ${visible(resource)}` : ''
  const only = conditional > 0 ? `, ${conditional} of them only by a condition` : ''
  return `${paint('bold', power.replaceAll('_', '-'))}${over}: ${counted(holders.length, 'principal')} in ${counted(accounts, 'account')}${only}`
}

function ofAccount(own: readonly Holder[], paint: Paint): string[] {
  const [first] = own
  if (!first) return []
  const { account_id, account_name } = first
  return [
    '',
    paint('bold', `${account_id} ${visible(account_name)}`),
    ...own.flatMap((one) => ofHolder(one, paint)),
  ]
}

function ofHolder(holder: Holder, paint: Paint): string[] {
  const { arn, account_id, decision, over, ways_in, access, break_glass } = holder
  const style = decision === 'allowed' ? 'red' : 'yellow'
  const marks = [
    ...(access === 'own' ? [] : [access.replaceAll('_', ' ')]),
    ...(break_glass ? ['break-glass'] : []),
  ]
  const statements = [...new Set(over.flatMap((one) => one.statements))]
  const by = some(
    statements.map((statement) => shortStatement(statement, account_id)),
    SHOWN,
  )
  return [
    `  ${paint(style, decision.padEnd(11))} ${shortArn(arn, account_id)}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`,
    `              over ${overText(over)}`,
    `              by ${by}`,
    ...waysText(ways_in, holder),
  ]
}

function overText(over: readonly PowerHeld[]): string {
  const services = [...Map.groupBy(over, ({ service }) => service)].map(([service, own]) => {
    const strongest = own.some(({ decision }) => decision === 'allowed')
    const whole = own.some(({ extent }) => extent === 'all')
    const way = own.find((one) => one.way)?.way
    const marks = [
      ...(way ? [way === 'unlocked' ? 'once unlocked' : way] : []),
      ...(strongest ? [] : ['conditional']),
      ...(whole ? [] : ['some']),
    ]
    return marks.length > 0 ? `${service} (${marks.join(', ')})` : service
  })
  return services.join(', ')
}

function waysText(ways: Holder['ways_in'], { kind, account_id }: Holder): string[] {
  if (kind === 'user') return ['              reached by its own credentials']
  if (ways.length === 0) return ['              reached by nobody who is known']
  const shown = ways.slice(0, SHOWN).map((way) => wayText(way, account_id))
  const more = ways.length - SHOWN
  return [
    ...shown.map((text) => `              reached by ${text}`),
    ...(more > 0 ? [`              and ${more} more ways; --json has them all`] : []),
  ]
}
