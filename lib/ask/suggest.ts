/** The known names that are nearest to one that is not known, at most `most` of them; for error messages. */
export function suggest(name: string, known: Iterable<string>, most = 3): string[] {
  return [...known]
    .map((candidate) => ({ candidate, distance: distance(lastPart(name), lastPart(candidate)) }))
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate))
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

/** Of an ARN its name: what goes before it is long, and seldom what was mistyped. */
function lastPart(name: string): string {
  return name.split(/[/:]/).at(-1) || name
}

/** How many letters must be put in, left out or changed; what contains the name is near, however long it is. */
function distance(name: string, other: string): number {
  const [a, b] = [name.toLowerCase(), other.toLowerCase()]
  if (b.includes(a)) return 1
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const line = [row]
    for (let column = 1; column <= b.length; column++) {
      const changed = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      line.push(Math.min(changed, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1))
    }
    above = line
  }
  return above[b.length] ?? 0
}
