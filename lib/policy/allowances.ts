import { powersOf, type Surroundings } from './principal-powers.ts'
import type { Document, Principal } from './types.ts'

const NAME = 'zq0strongroom0qz'

/** What an Allow names: actions as written, and one action that it is about and that stands for them. */
export interface Allowance {
  /** `backup:Start*`; of a statement with NotAction, `all but iam:*`. */
  written: string
  /** The action itself, or one of a name that no policy names by chance. */
  witness: string
}

/** Every action and every pattern that the Allows of a principal's own policies name, each once. */
export function allowancesOf(documents: readonly Document[]): Allowance[] {
  const allows = documents.flatMap(
    ({ policy }) => policy?.statements.filter(({ effect }) => effect === 'Allow') ?? [],
  )
  const found = allows.flatMap(({ action }) => {
    const sources = action.patterns.map(({ source }) => source)
    if (!action.negated) return sources.map((written) => ({ written, witness: exampleOf(written) }))
    return [{ written: `all but ${sources.join(', ')}`, witness: exampleOf('*') }]
  })
  return [...new Map(found.map((one) => [one.written, one])).values()]
}

/** An action of a service that nobody names: whom it is allowed to has the whole service. Without one: everything. */
export function anyActionOf(service = NAME): string {
  return `${service}:${NAME}`
}

function exampleOf(written: string): string {
  const example = written.replaceAll('*', NAME).replaceAll('?', 'z')
  return example.includes(':') ? example : anyActionOf()
}

/** Which of some actions a principal may do, on anything or on what its policies name. What is denied has no entry. */
export function mayDo(
  principal: Principal,
  actions: readonly string[],
  surroundings: Surroundings,
): Map<string, 'allowed' | 'conditional'> {
  const asked = {
    power: 'escalate' as const,
    service: 'any',
    of: 'anything',
    resources: ['*', 'arn:{rest}'],
    actions: [...new Set(actions)],
  }
  const [answer] = powersOf([principal], surroundings, [asked])
  return new Map(answer?.actions.map(({ action, decision }) => [action, decision]))
}

/** Whether all that a principal is given by could be read: what could not may allow anything, or leave nothing. */
export function isReadable({ identity, boundary }: Principal): boolean {
  return [...identity, ...(boundary ? [boundary] : [])].every(({ policy }) => policy !== undefined)
}
