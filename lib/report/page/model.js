/** @import { PageAccount, PageData, PageScore } from '../page-data.ts' */
/** @import { View } from './route.js' */

/**
 * The data of the page, and the ways into it.
 * @typedef {ReturnType<typeof createModel>} Model
 * @typedef {{ pass: number, fail: number, unknown: number, waived: number }} Tally
 */

export const SEVERITIES = ['critical', 'high', 'medium', 'low']

/** What a control weighs in the score, by severity. @type {Record<string, number>} */
const WEIGHTS = { critical: 40, high: 20, medium: 10, low: 4 }

/** @param {PageData} data */
export function createModel(data) {
  const scores = new Map(data.scores.map((score) => [`${score.type} ${score.id}`, score]))
  const families = [...new Set(data.controls.map(({ family }) => family))].sort()
  return {
    data,
    families,
    accounts: new Map(data.accounts.map((account) => [account.id, account])),
    controls: new Map(data.controls.map((control) => [control.id, control])),
    units: new Set(data.scores.flatMap(({ type, id }) => (type === 'ou' ? [id] : []))),
    /** @type {(type: string, id: string) => PageScore | undefined} */
    score: (type, id) => scores.get(`${type} ${id}`),
  }
}

/**
 * Whether a view exists in this report.
 * @param {Model} model
 * @param {View} view
 */
export function knows(model, { kind, id }) {
  if (kind === 'account') return model.accounts.has(id)
  return kind === 'organization' || model.units.has(id)
}

/**
 * Ids of the accounts that a view shows.
 * @param {Model} model
 * @param {View} view
 */
export function accountsIn({ data }, { kind, id }) {
  const accounts = data.accounts.filter(
    (account) =>
      kind === 'organization' ||
      (kind === 'account' ? account.id === id : account.path.includes(id)),
  )
  return new Set(accounts.map((account) => account.id))
}

/**
 * @param {Model} model
 * @param {View} view
 */
export function scoreOfView(model, { kind, id }) {
  return model.score(kind, kind === 'organization' ? 'organization' : id)
}

/**
 * How many findings each control has among accounts.
 * @param {Model} model
 * @param {ReadonlySet<string>} accounts
 * @returns {Map<string, Tally>}
 */
export function talliesByControl({ data }, accounts) {
  /** @type {Map<string, Tally>} */
  const tallies = new Map()
  for (const [
    account = -1,
    control = -1,
    pass = 0,
    fail = 0,
    unknown = 0,
    waived = 0,
  ] of data.counts) {
    const id = data.controls[control]?.id
    if (id === undefined || !accounts.has(data.accounts[account]?.id ?? '')) continue
    const sum = tallies.get(id) ?? noFindings()
    sum.pass += pass
    sum.fail += fail
    sum.unknown += unknown
    sum.waived += waived
    tallies.set(id, sum)
  }
  return tallies
}

/**
 * What a control takes from the score: the share that fails, by its weight.
 * @param {string} severity
 * @param {Tally} tally
 * @param {PageScore} [score]
 */
export function lossBy(severity, { pass, fail }, score) {
  const value = score?.value ?? (pass + fail > 0 ? pass / (pass + fail) : 1)
  return (1 - value) * (WEIGHTS[severity] ?? 0)
}

/** @returns {Tally} */
export function noFindings() {
  return { pass: 0, fail: 0, unknown: 0, waived: 0 }
}

/**
 * @param {Iterable<Tally>} tallies
 * @returns {Tally}
 */
export function total(tallies) {
  const sum = noFindings()
  for (const { pass, fail, unknown, waived } of tallies) {
    sum.pass += pass
    sum.fail += fail
    sum.unknown += unknown
    sum.waived += waived
  }
  return sum
}

/**
 * What a cell of the heat map is: judged, judged with parts unread, unread, or without anything to judge.
 * @param {PageScore | undefined} score
 * @returns {'judged' | 'partly' | 'unread' | 'empty'}
 */
export function cellState(score) {
  if (!score) return 'empty'
  if (score.value === null) {
    return score.low !== null || (score.coverage !== null && score.coverage < 1)
      ? 'unread'
      : 'empty'
  }
  return (score.high ?? 1) - (score.low ?? 0) > 0.0005 ? 'partly' : 'judged'
}

/**
 * Accounts under the unit that they are in, units in the order of their paths.
 * @param {Model} model
 * @param {ReadonlySet<string>} shown
 * @returns {{ path: string[], accounts: PageAccount[] }[]}
 */
export function accountsByUnit({ data }, shown) {
  const groups = Map.groupBy(
    data.accounts.filter(({ id }) => shown.has(id)),
    ({ path }) => path.join('/'),
  )
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, accounts]) => ({
      path: path.split('/').filter(Boolean),
      accounts: accounts.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b), 'en')),
    }))
}

/**
 * What a unit is called; its id where that is not known.
 * @param {Model} model
 * @param {string} unit
 */
export function unitNameOf({ data }, unit) {
  return data.units[unit] ?? unit
}

/** @param {PageAccount | undefined} account */
export function nameOf(account) {
  return account?.name ?? account?.id ?? ''
}
