import { hash } from 'node:crypto'

/**
 * Tells of each row whether it is the first of its kind: a list that changes while it is read may answer an item on two of its pages,
 * and a thing that is there twice would be judged twice. Rows of resources are told apart by ARN and Region, others by all that they say.
 * What is remembered of a row is a digest of 32 bytes: a vault may hold a million.
 */
export function firstOfEach(): (table: string, row: object) => boolean {
  const seen = new Map<string, Set<string>>()
  return (table, row) => {
    const known = seen.get(table) ?? new Set()
    seen.set(table, known)
    const { arn, region = '' }: { arn?: unknown; region?: string } = row
    const told = typeof arn === 'string' ? `${arn} ${region}` : JSON.stringify(row)
    const key = hash('sha256', told, 'binary')
    return known.size < known.add(key).size
  }
}
