import exceptions from './access-levels.json' with { type: 'json' }

/** How the names of actions begin that only read. */
export const readingVerbs =
  'BatchGet Count Describe Get List Lookup Query Read Scan Search Select View'.split(' ')

const begins = new RegExp(`^(${readingVerbs.join('|')})`, 'i')
const reads = new Set(exceptions.reads.map((action) => action.toLowerCase()))
const writes = new Set(exceptions.writes.map((action) => action.toLowerCase()))

/**
 * Whether an action has the access level Read or List; of one that is not known yet, its name tells. A pattern only reads when all that
 * it may stand for begins with a reading verb, which is how AWS writes its own policies for reading.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
 */
export function onlyReads(action: string): boolean {
  const known = action.toLowerCase()
  if (reads.has(known)) return true
  if (writes.has(known)) return false
  const [, name = ''] = action.split(/:(.*)/s)
  return begins.test(name.replace(/[*?].*$/s, ''))
}
