import { arnParts } from './operators.ts'
import { ANY, expand, STAR } from './pattern.ts'
import { statementsAbout } from './statements.ts'
import type { Context, Document, Policy, Principal } from './types.ts'
import { common, type KindOfThing } from './witness.ts'

/** Whose things are sought, for which action. */
export interface Sought {
  principal: Principal
  action: string
  scps: readonly Document[][] | undefined
  /** What variables in ARNs stand for. */
  context: Context
}

/**
 * Things of a kind that documents name for an action, an example of each pattern, so that a power that is confined to named things is
 * found: what a principal's policies allow, what boundary and SCPs leave (by an Allow of named things, or a Deny of all others), and
 * what two of them have in common.
 */
export function* candidates(sought: Sought, kinds: readonly KindOfThing[]): Generator<string> {
  const { principal, scps } = sought
  const own = patternsOf(principal.identity, sought)
  const boundary = principal.boundary ? [principal.boundary] : []
  const limits = patternsOf([...boundary, ...(scps?.flat() ?? [])], sought)
  for (const globs of choicesOf(own, limits)) {
    for (const kind of kinds) {
      if (!globs.every((glob) => beginAlike(glob, kind.glob))) continue
      const arn = exampleOf(kind, globs)
      if (arn !== undefined) yield arn
    }
  }
}

/** One pattern, or two; of more, as many as the largest documents of one principal hold. */
function choicesOf(own: string[], limits: string[]): string[][] {
  const choices = [...own, ...limits].map((glob) => [glob])
  for (const glob of own) {
    for (const limit of limits) if (choices.length < MOST) choices.push([glob, limit])
  }
  return choices
}

const MOST = 2_000

/** Up to the first wildcard of either; it spares most of the search for an example. */
function beginAlike(one: string, other: string): boolean {
  for (let n = 0; n < one.length && n < other.length; n++) {
    const [a, b] = [one[n], other[n]]
    if (a === STAR || a === ANY || b === STAR || b === ANY) return true
    if (a !== b) return false
  }
  return one.length === other.length
}

function exampleOf(kind: KindOfThing, globs: string[]): string | undefined {
  const key = globs.join('\n')
  if (kind.examples.has(key)) return kind.examples.get(key)
  const accepted = [globs.map(filledOut), globs]
    .map((narrowed) => common([kind.glob, ...narrowed]))
    .find((text) => text !== undefined && kind.accepts(text))
  kind.examples.set(key, accepted)
  return accepted
}

/** Names rarely end where a star begins. */
function filledOut(glob: string): string {
  return glob.endsWith(STAR) ? glob.slice(0, -1) + ANY + STAR : glob
}

function patternsOf(documents: readonly Document[], { action, context }: Sought): string[] {
  const patterns = documents.flatMap(({ policy }) =>
    policy
      ? statementsAbout(policy, action).flatMap(({ effect, resource }) =>
          resource && resource.negated === (effect === 'Deny') ? resource.patterns : [],
        )
      : [],
  )
  const globs = patterns.flatMap((pattern) => {
    const glob = expand(pattern, context)
    return glob === 'unknown' ? pattern.glob.replace(/\$\{[^}]*\}/g, STAR) : (glob ?? [])
  })
  return [...new Set(globs)].filter((glob) => glob !== STAR)
}

/** Whether a document tells Regions apart, by a condition or in an ARN. */
export function isRegional({ policy }: Document): boolean {
  if (!policy) return false
  let answer = regional.get(policy)
  if (answer === undefined) {
    answer = policy.statements.some(
      ({ conditions, resource }) =>
        conditions.some(({ lookup }) => lookup.includes('region')) ||
        resource?.patterns.some(({ glob }) => namesRegion(glob)) === true,
    )
    regional.set(policy, answer)
  }
  return answer
}

const regional = new WeakMap<Policy, boolean>()

function namesRegion(glob: string): boolean {
  const parts = arnParts(glob)
  return parts.length === 6 && parts[3] !== '' && parts[3] !== STAR
}
