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
  /** Found before, by the patterns that they are examples of. */
  examples: Map<string, string | undefined>
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
    examples: new Map(),
  }
}

/**
 * A text that all globs match, if there is one: an example of what policies have in common, on which they can then be decided. The
 * search walks the product of the globs, each state once.
 */
export function common(globs: readonly string[]): string | undefined {
  const seen = new Set<number>()
  const open: State[] = [{ at: globs.map(() => 0), text: '' }]
  for (let state = open.pop(); state && seen.size < LIMIT; state = open.pop()) {
    const key = state.at.reduce(
      (sum, position, n) => sum * ((globs[n]?.length ?? 0) + 1) + position,
      0,
    )
    if (seen.has(key)) continue
    seen.add(key)
    if (state.at.every((position, n) => position === globs[n]?.length)) return state.text
    advance(state, globs, open)
  }
  return undefined
}

interface State {
  at: number[]
  text: string
}

const LIMIT = 20_000

/** One character more, a literal one that a glob asks for or else any; or a star that stands for nothing, which is tried first. */
function advance({ at, text }: State, globs: readonly string[], open: State[]): void {
  const chars = at.map((position, n) => globs[n]?.[position])
  const literals = chars.filter((char) => char !== STAR && char !== ANY)
  const [literal] = literals
  // At the end of a glob its character is undefined: nothing more can follow.
  if (literals.every((char) => char !== undefined && char === literal)) {
    const next = at.map((position, n) => (chars[n] === STAR ? position : position + 1))
    open.push({ at: next, text: text + (literal ?? 'x') })
  }
  chars.forEach((char, n) => {
    if (char === STAR) open.push({ at: at.with(n, (at[n] ?? 0) + 1), text })
  })
}
