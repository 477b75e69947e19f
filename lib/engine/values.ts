/**
 * A relation whose rows are written out, each as SQL's text of its values. Never as selects with `union all` between them: Trino
 * makes stages of these, and hundreds are too deep for its stack.
 * @param columns names, each with a value that tells its type where there are no rows
 */
export function valuesSql(columns: Record<string, string>, rows: string[][]): string {
  const names = Object.keys(columns).join(', ')
  const written = rows.length > 0 ? rows : [Object.values(columns)]
  const tuples = written.map((row) => `(${row.join(', ')})`).join(', ')
  const condition = rows.length > 0 ? '' : ' where 1 = 0'
  return `select ${names} from (values ${tuples}) as written (${names})${condition}`
}
