import { statementsAbout } from '../policy/statements.ts'
import type { By, Decision, Principal } from '../policy/types.ts'
import type { People } from './people.ts'
import type { Gain } from './selves.ts'
import { statementsBy } from './statements.ts'

/** What a principal may do to another, or to itself, by changing IAM. */
export interface Escalation {
  /** The principal that it becomes, or that gains by it. */
  target: string
  /** What the target gains; none: it is become. */
  gain: Gain | undefined
  decision: 'allowed' | 'conditional'
  /** The actions that it takes, as IAM names them. */
  how: string
  statements: string[]
}

/** May it do an action to a resource of its account? */
export type Ask = (
  action: string,
  arn: string,
  context?: { get(key: string): string[] | undefined },
) => Decision

/** Who asks what it could do to its account. */
export interface Asker {
  principal: Principal
  people: People
  ask: Ask
  partition: string
  regions: readonly string[]
}

/** Whether some Allow of its own is about the action: of most it is not. */
export function mayAsk({ kind, identity }: Principal, action: string): boolean {
  if (kind === 'root') return true
  return identity.some(
    ({ policy }) =>
      !policy || statementsAbout(policy, action).some(({ effect }) => effect === 'Allow'),
  )
}

/** What takes several permissions is as certain as the least certain of them. */
export function told(
  target: string,
  gain: Gain | undefined,
  how: string,
  answers: readonly Decision[],
): Escalation[] {
  if (answers.some(({ decision }) => decision === 'denied')) return []
  const certain = answers.every(({ decision }) => decision === 'allowed')
  const by: By[] = answers.flatMap((answer) => answer.by)
  return [
    {
      target,
      gain,
      how,
      decision: certain ? 'allowed' : 'conditional',
      statements: statementsBy(by),
    },
  ]
}
