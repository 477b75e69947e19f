import { styleText } from 'node:util'
import type { NotKnown } from '../ask/not-known.ts'
import type { Step, WayIn } from '../ask/ways-in.ts'
import { visible } from './grid.ts'

type Style = 'bold' | 'red' | 'yellow' | 'green' | 'dim'
export type Paint = (style: Style, text: string) => string

/** Colours a text where the terminal may have colours. */
export function painter(colour: boolean): Paint {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text)
}

/** An ARN as a person reads it: IAM's without what the account's heading says already; names from AWS cannot be commands to the terminal. */
export function shortArn(arn: string, account?: string): string {
  const [, , service, , of, ...rest] = arn.split(':')
  if (service !== 'iam' || !of) return visible(arn)
  return visible(of === account ? rest.join(':') : `${rest.join(':')} (${of})`)
}

/** A statement as the answers name it: its document, then its Sid or place. */
export function shortStatement(statement: string, account: string): string {
  return visible(
    statement
      .replaceAll(`arn:aws:iam::${account}:`, '')
      .replaceAll(/arn:aws:iam::aws:/g, 'AWS ')
      .replaceAll(/arn:aws:iam::(\d{12}):/g, '$1 '),
  )
}

/** Lines that say what the answer leaves open, and why. */
export function notKnownLines(missing: readonly NotKnown[], paint: Paint): string[] {
  if (missing.length === 0) return []
  return [
    '',
    paint(
      'bold',
      'Not known, because it could not be read (never taken for nobody, or for nothing)',
    ),
    ...missing.map(({ account_id, account_name, regions, what, cause }) => {
      const where = regions === 'global' ? '' : ` in ${regions}`
      return `  ${account_id} ${visible(account_name)}${where}  ${paint('yellow', cause)}  ${visible(some(what.split(', '), 3))}`
    }),
  ]
}

/** One way in, from where it begins to the role. */
export function wayText({ steps, decision }: WayIn, account: string): string {
  const [first] = steps
  if (!first) return ''
  const names = [...steps.slice(1).map(({ from }) => from)].map((arn) => shortArn(arn, account))
  const chain = [originText(first, account), ...names].join(' → ')
  return decision === 'conditional' ? `${chain} (conditional)` : chain
}

function originText({ from, kind, note }: Step, account: string): string {
  const name = shortArn(from, account)
  const words: Record<Step['kind'], string> = {
    user: name,
    role: name,
    service: `the service ${name}`,
    federated: `whom ${name} signs in`,
    account: `account ${from.split(':')[4] || name}`,
    everyone: 'anyone',
    other: name,
  }
  return note ? `${words[kind]}, ${note}` : words[kind]
}

/** A list in words, cut after some: `a, b and 3 more`. */
export function some(items: readonly string[], most: number): string {
  const shown = items.slice(0, most).join(', ')
  return items.length > most ? `${shown} and ${items.length - most} more` : shown
}

/** `1 key`, `2 keys`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
