/** @import { FindingsPiece, FindingWord, PageControl } from '../page-data.ts' */
/** @import { Filter } from './route.js' */

/**
 * All findings, column by column. `place[word][row]` is a place in `words[word]`.
 * @typedef {{
 *   size: number,
 *   words: Record<FindingWord, string[]>,
 *   place: Record<FindingWord, Uint32Array>,
 *   status: Uint8Array,
 *   resource: string[],
 * }} Findings
 * @typedef {{ rows: Uint32Array, byStatus: Record<string, number> }} Selection
 * @typedef {{
 *   control: string, account: string, region: string, type: string, related: string, reason: string, status: string,
 *   resource: string,
 * }} Finding
 */

export const STATUSES = ['fail', 'unknown', 'waived', 'pass']

/** @type {FindingWord[]} */
const WORDS = ['control', 'account', 'region', 'type', 'related', 'reason']

/**
 * @param {FindingsPiece[]} pieces
 * @returns {Findings}
 */
export function joinPieces(pieces) {
  const size = pieces.reduce((sum, piece) => sum + piece.status.length, 0)
  const status = new Uint8Array(size)
  const words = perWord(() => /** @type {string[]} */ ([]))
  const place = perWord(() => new Uint32Array(size))
  /** @type {string[]} */
  const resource = []
  let start = 0
  for (const piece of pieces) {
    for (const word of WORDS) {
      for (const text of piece.words[word]) words[word].push(text)
      place[word].set(piece[word], start)
    }
    for (let index = 0; index < piece.status.length; index++) {
      status[start + index] = STATUSES.findIndex((name) => name[0] === piece.status[index])
    }
    for (const arn of piece.resource) resource.push(arn)
    start += piece.status.length
  }
  return { size, words, place, status, resource }
}

/**
 * @param {Findings} findings
 * @param {number} row
 * @returns {Finding}
 */
export function findingAt(findings, row) {
  const words = perWord((word) => findings.words[word][findings.place[word][row] ?? 0] ?? '')
  return {
    ...words,
    status: STATUSES[findings.status[row] ?? 1] ?? 'unknown',
    resource: findings.resource[row] ?? '',
  }
}

/**
 * The rows that a filter lets through, and how many it would by status if it asked for none.
 * @param {Findings} findings
 * @param {{ filter: Filter, accounts: ReadonlySet<string>, controls: ReadonlyMap<string, PageControl>, names: (id: string) => string }} asked
 * @returns {Selection}
 */
export function select(findings, { filter, accounts, controls, names }) {
  const wanted = perWord((word) => acceptedWords(findings, word, { filter, accounts, controls }))
  const terms = filter.search.toLowerCase().split(/\s+/).filter(Boolean)
  const matchers = terms.map((term) => matcher(findings, term, names))
  const rows = new Uint32Array(findings.size)
  const byStatus = [0, 0, 0, 0]
  let kept = 0
  for (let row = 0; row < findings.size; row++) {
    if (!passes(findings, row, wanted) || !matchers.every((matches) => matches(row))) continue
    const status = findings.status[row] ?? 0
    byStatus[status] = (byStatus[status] ?? 0) + 1
    if (filter.status.length > 0 && !filter.status.includes(STATUSES[status] ?? '')) continue
    rows[kept++] = row
  }
  return {
    rows: rows.slice(0, kept),
    byStatus: Object.fromEntries(STATUSES.map((name, index) => [name, byStatus[index] ?? 0])),
  }
}

/**
 * Orders rows by a column. Words are ranked once, so that rows are compared by numbers.
 * @param {Findings} findings
 * @param {Uint32Array} rows
 * @param {string} column
 * @param {boolean} descending
 */
export function sortRows(findings, rows, column, descending) {
  const sign = descending ? -1 : 1
  const sorted = rows.slice()
  if (column === 'resource') {
    const { resource } = findings
    return sorted.sort((a, b) => sign * compare(resource[a] ?? '', resource[b] ?? '') || a - b)
  }
  const rank = ranks(findings, column)
  return sorted.sort((a, b) => sign * (rank(a) - rank(b)) || a - b)
}

/**
 * @param {Findings} findings
 * @param {string} column
 * @returns {(row: number) => number}
 */
function ranks(findings, column) {
  const word = WORDS.find((name) => name === column)
  if (!word) return (row) => findings.status[row] ?? 0
  const texts = findings.words[word]
  const order = texts
    .map((_, index) => index)
    .sort((a, b) => compare(texts[a] ?? '', texts[b] ?? ''))
  const rankOf = new Uint32Array(texts.length)
  order.forEach((place, rank) => {
    rankOf[place] = rank
  })
  return (row) => rankOf[findings.place[word][row] ?? 0] ?? 0
}

/**
 * @param {Findings} findings
 * @param {number} row
 * @param {Record<FindingWord, Uint8Array | null>} wanted
 */
function passes({ place }, row, wanted) {
  for (const word of WORDS) {
    const accepted = wanted[word]
    if (accepted && accepted[place[word][row] ?? 0] === 0) return false
  }
  return true
}

/**
 * Which words of a column a filter accepts; null where it accepts all.
 * @param {Findings} findings
 * @param {FindingWord} word
 * @param {{ filter: Filter, accounts: ReadonlySet<string>, controls: ReadonlyMap<string, PageControl> }} asked
 */
function acceptedWords({ words }, word, { filter, accounts, controls }) {
  /** @type {Partial<Record<FindingWord, (text: string) => boolean>>} */
  const tests = {
    account: (id) => accounts.has(id),
    region: (region) => filter.region === '' || region === filter.region,
    type: (type) => filter.type === '' || type === filter.type,
    control(id) {
      const control = controls.get(id)
      return (
        (filter.control === '' || id === filter.control) &&
        (filter.family === '' || control?.family === filter.family) &&
        (filter.severity.length === 0 || filter.severity.includes(control?.severity ?? ''))
      )
    },
  }
  const test = tests[word]
  return test ? Uint8Array.from(words[word], (text) => (test(text) ? 1 : 0)) : null
}

/**
 * Whether a row has a term anywhere: looked up once per word, not once per row.
 * @param {Findings} findings
 * @param {string} term
 * @param {(id: string) => string} names
 * @returns {(row: number) => boolean}
 */
function matcher({ words, place, resource }, term, names) {
  const hits = perWord((word) =>
    Uint8Array.from(words[word], (text) =>
      `${text} ${word === 'account' ? names(text) : ''}`.toLowerCase().includes(term) ? 1 : 0,
    ),
  )
  return (row) =>
    WORDS.some((word) => hits[word][place[word][row] ?? 0] === 1) ||
    (resource[row] ?? '').toLowerCase().includes(term)
}

/**
 * @template T
 * @param {(word: FindingWord) => T} make
 * @returns {Record<FindingWord, T>}
 */
function perWord(make) {
  return /** @type {Record<FindingWord, T>} */ (
    Object.fromEntries(WORDS.map((word) => [word, make(word)]))
  )
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}
