import { arnParts } from './operators.ts'
import { ANY, STAR } from './pattern.ts'
import { statementsAbout } from './statements.ts'
import type { Document, Policy, Principal } from './types.ts'
import { common, type KindOfThing } from './witness.ts'

/**
 * Things of a kind that a principal's policies name for an action, one example of each pattern, so that a power that is confined to
 * named things is found. Where a boundary names things too, the examples are of what both have in common.
 */
export function candidates(
  principal: Principal,
  action: string,
  kinds: readonly KindOfThing[],
): string[] {
  const own = patternsOf(principal.identity, action)
  const bounds = principal.boundary ? patternsOf([principal.boundary], action) : []
  const pairs = own.flatMap((glob) => bounds.map((bound) => [glob, bound]))
  const choices = [...own.map((glob) => [glob]), ...bounds.map((bound) => [bound]), ...pairs]
  const found = kinds.flatMap((kind) =>
    choices.slice(0, MOST).flatMap((globs) => {
      const arn = [globs.map(filledOut), globs]
        .map((narrowed) => example([kind.glob, ...narrowed]))
        .find((text) => text !== undefined && kind.accepts(text))
      return arn === undefined ? [] : [arn]
    }),
  )
  return [...new Set(found)]
}

/** Names rarely end where a star begins. */
function filledOut(glob: string): string {
  return glob.endsWith(STAR) ? glob.slice(0, -1) + ANY + STAR : glob
}

/** A statement may list hundreds of ARNs; as many examples tell no more. */
const MOST = 200

const examples = new Map<string, string | undefined>()

function example(globs: string[]): string | undefined {
  const key = globs.join('\n')
  if (!examples.has(key)) {
    if (examples.size > 50_000) examples.clear()
    examples.set(key, common(globs))
  }
  return examples.get(key)
}

function patternsOf(documents: readonly Document[], action: string): string[] {
  const globs = documents.flatMap(({ policy }) =>
    policy
      ? statementsAbout(policy, action).flatMap(({ effect, resource }) =>
          effect === 'Allow' && resource && !resource.negated ? resource.patterns : [],
        )
      : [],
  )
  const named = globs.map(({ glob }) => glob.replace(/\$\{[^}]*\}/g, STAR))
  return [...new Set(named)].filter((glob) => glob !== STAR)
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
