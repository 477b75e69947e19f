/** Comments and spaces, then `with` and perhaps `recursive`. */
const opening = /^((?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*)with\s+(recursive\s+)?/i

/**
 * Puts CTEs before a query, so that it stays the outermost one: around a query in `from (…)` Trino forgets its `order by`. The
 * query's own CTEs follow them; both engines refuse two of one name.
 */
export function putBefore(ctes: [name: string, body: string][], query: string): string {
  if (ctes.length === 0) return query
  const bodies = ctes.map(([name, body]) => `${name} as (\n${body}\n)`).join(', ')
  const [whole, comments = '', recursive = ''] = opening.exec(query) ?? []
  if (whole === undefined) return `with ${bodies}\n${query}`
  return `${comments}with ${recursive}${bodies}, ${query.slice(whole.length)}`
}
