import { ANY, STAR } from './pattern.ts'

/** Where a thing is. */
export interface Place {
  partition: string
  region: string
  account: string
}

/** Any thing of a kind at a place. */
export interface KindOfThing {
  /** One of a name that no policy names by chance. */
  generic: string
  glob: string
  accepts(arn: string): boolean
}

const NAME = 'zq0strongroom0qz'

/** A template such as `arn:{partition}:s3:::{name}/{path}` at a place. */
export function kindAt(template: string, place: Place): KindOfThing {
  const text = template
    .replace('{partition}', place.partition)
    .replace('{region}', place.region)
    .replace('{account}', place.account)
  const pattern = text
    .replaceAll('*', '\\*')
    .replaceAll('{name}', '[^/:]+')
    .replaceAll('{path}', '[^:]+')
    .replaceAll('{labelled}', '(?:[a-z]+:)?[^/:]+')
    .replaceAll('{rest}', '.+')
  const accepted = new RegExp(`^${pattern}$`)
  return {
    generic: text.replaceAll(/\{\w+\}/g, NAME),
    glob: text.replaceAll(/\{\w+\}/g, ANY + STAR),
    accepts: (arn) => accepted.test(arn),
  }
}

/**
 * A text that all globs match, if there is one: an example of what policies have in common, on which they can then be decided. The
 * search walks the product of the globs, each state once.
 */
export function common(globs: readonly string[]): string | undefined {
  const seen = new Set<string>()
  const open: { at: number[]; text: string }[] = [{ at: globs.map(() => 0), text: '' }]
  for (let state = open.pop(); state && seen.size < LIMIT; state = open.pop()) {
    const { at, text } = state
    const key = at.join()
    if (seen.has(key)) continue
    seen.add(key)
    if (at.every((position, n) => position === globs[n]?.length)) return text
    const chars = at.map((position, n) => globs[n]?.[position])
    open.push(...consumed(at, chars).map((next) => ({ at: next.at, text: text + next.char })))
    // Last in, first out: a star stands for nothing where that will do.
    open.push(...skipped(at, chars).map((next) => ({ at: next, text })))
  }
  return undefined
}

const LIMIT = 20_000

/** One character more: a literal one that a glob asks for, else any. */
function consumed(at: number[], chars: (string | undefined)[]): { at: number[]; char: string }[] {
  if (chars.includes(undefined)) return []
  const literals = new Set(chars.filter((char) => char !== STAR && char !== ANY))
  if (literals.size > 1) return []
  const char = [...literals][0] ?? 'x'
  return [{ char, at: at.map((position, n) => (chars[n] === STAR ? position : position + 1)) }]
}

function skipped(at: number[], chars: (string | undefined)[]): number[][] {
  return chars.flatMap((char, n) =>
    char === STAR ? [at.map((position, m) => (m === n ? position + 1 : position))] : [],
  )
}
