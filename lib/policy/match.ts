import { arnParts } from './operators.ts'
import { expand, globMatches, STAR } from './pattern.ts'
import { any, not } from './tri.ts'
import type { Context, Pattern, Statement, Tri } from './types.ts'

/**
 * Names of services and actions are not case-sensitive.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 */
export function actionMatches(statement: Statement, action: string): boolean {
  const { negated, patterns } = statement.action
  const name = action.toLowerCase()
  return patterns.some((pattern) => matchesName(pattern, name)) !== negated
}

function matchesName(pattern: Pattern, name: string): boolean {
  if (!pattern.wild) return pattern.glob === name
  return pattern.glob === STAR || globMatches(pattern.glob, name)
}

/**
 * Whether a statement is about a resource. Without Resource (trust policies) it is about the one that it hangs on.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function resourceMatches(statement: Statement, arn: string, context: Context): Tri {
  if (!statement.resource) return true
  const { negated, patterns } = statement.resource
  const found = any(patterns, (pattern) => {
    const glob = expand(pattern, context)
    if (glob === undefined) return false
    return glob === 'unknown' ? couldMatch(pattern, arn) : arnMatches(glob, arn)
  })
  return negated ? not(found) : found
}

/** A variable of unknown value may be anything: what stands around it must agree. */
function couldMatch(pattern: Pattern, arn: string): Tri {
  const glob = pattern.glob.replace(/\$\{[^}]*\}/g, STAR)
  return globMatches(glob, arn) ? 'unknown' : false
}

/**
 * A `*` that ends a segment "can expand to match beyond the colon boundaries", and anything does within the resource's own part.
 * Other wildcards stay within their segment: where only a match across a colon would do, what AWS decides is not documented. ARNs
 * of fewer than six segments are completed by some services.
 */
export function arnMatches(glob: string, arn: string): Tri {
  if (glob === STAR || glob === arn) return true
  if (!globMatches(glob, arn)) {
    const parts = glob.split(':').length
    const completed = parts < 6 && parts > 2 && glob.startsWith('arn:') && glob.at(-1) !== STAR
    return completed && globMatches(`${glob}:${STAR}`, arn) ? 'unknown' : false
  }
  const wanted = arnParts(glob)
  const given = arnParts(arn)
  if (wanted.slice(0, 5).every(isSafe)) return true
  const matches =
    wanted.length === given.length && wanted.every((part, n) => globMatches(part, given[n] ?? ''))
  return matches ? true : 'unknown'
}

const unsafe = /\uE001|\uE000(?!$)/

function isSafe(segment: string): boolean {
  return !unsafe.test(segment)
}
