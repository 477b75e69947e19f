import type { Context, Pattern } from './types.ts'

/** Stand for `*` and `?` in globs. Documents that hold them are refused. */
export const STAR = '\uE000'
export const ANY = '\uE001'
/** In a value of the context: the rest of it cannot be told, such as the name of a role's session. */
export const OPEN = '\uE002'

export const reserved = /[\uE000-\uE002]/

const variable = /\$\{([^}]*)\}/g

/**
 * Compiles a text of a policy. Variables exist in Version 2012-10-17 only; `${*}`, `${?}` and `${$}` are literal characters.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function compile(source: string, options: { wild: boolean; variables: boolean }): Pattern {
  const wilden = (text: string) =>
    options.wild ? text.replaceAll('*', STAR).replaceAll('?', ANY) : text
  if (!options.variables || !source.includes('${')) {
    const glob = wilden(source)
    return { source, glob, wild: glob !== source, variables: false }
  }
  let glob = ''
  let end = 0
  let variables = false
  for (const match of source.matchAll(variable)) {
    const name = match[1] ?? ''
    glob += wilden(source.slice(end, match.index))
    end = match.index + match[0].length
    if (name === '*' || name === '?' || name === '$') glob += name
    else {
      glob += match[0]
      variables = true
    }
  }
  glob += wilden(source.slice(end))
  return { source, glob, wild: glob.includes(STAR) || glob.includes(ANY), variables }
}

/**
 * The glob with its variables replaced. Undefined: one of them has no value in the request, so the text matches nothing.
 * A default stands after a comma: `${aws:PrincipalTag/team, 'company-wide'}`.
 */
export function expand(pattern: Pattern, context: Context): string | undefined | 'unknown' {
  if (!pattern.variables) return pattern.glob
  let missing = false
  let unknown = false
  const text = pattern.glob.replace(variable, (_, inner: string) => {
    const [, name = inner, fallback] = /^([^,]*?)\s*(?:,\s*'(.*)')?$/s.exec(inner.trim()) ?? []
    const values = context.get(name.toLowerCase())
    if (values?.length === 1 && values[0] !== undefined && !values[0].includes(OPEN))
      return values[0]
    if (values?.length === 0 && fallback !== undefined) return fallback
    if (values?.length === 0) missing = true
    else unknown = true
    return ''
  })
  if (missing) return undefined
  return unknown ? 'unknown' : text
}

/** Whether a glob matches a text whole. Time is at most the product of their lengths. */
export function globMatches(glob: string, text: string): boolean {
  let g = 0
  let t = 0
  let star = -1
  let resume = 0
  while (t < text.length) {
    const wanted = glob[g]
    if (wanted === STAR) {
      star = g++
      resume = t
    } else if (wanted !== undefined && (wanted === ANY || wanted === text[t])) {
      g++
      t++
    } else if (star >= 0) {
      g = star + 1
      t = ++resume
    } else return false
  }
  while (glob[g] === STAR) g++
  return g === glob.length
}
