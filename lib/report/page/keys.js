/** @import { PageKey } from '../page-data.ts' */
/** @import { View } from './route.js' */
/** @import { Model } from './model.js' */
import { el, fill, heading } from './dom.js'
import { counted, day, shortArn } from './format.js'
import { accountsIn } from './model.js'
import { accountLink, arnLink, foreign, statusMark } from './parts.js'
import { routeTo } from './route.js'

/** Keys that are shown before the reader asks for all. */
const KEYS_SHOWN = 12

/**
 * Keys that are not known to be usable, and the backups that are lost with them.
 * @param {Model} model
 * @param {View} view
 */
export function drawKeys(model, view) {
  const shown = accountsIn(model, view)
  const keys = model.data.keys.filter(({ account_id }) => shown.has(account_id)).sort(byHarm)
  const held = keys.reduce((sum, key) => sum + harm(key), 0)
  const lead =
    keys.length === 0
      ? null
      : `${counted(keys.length, 'key')} cannot be used, or could not be read; ${counted(held, 'backup and vault', 'backups and vaults')} hang on them and cannot be restored without.`
  const rows = keys.map((key) => keyRow(model, view, key))
  for (const row of rows.slice(KEYS_SHOWN)) row.hidden = true
  const more = el('button', { type: 'button', class: 'more' }, `Show all ${keys.length}`)
  more.addEventListener('click', () => {
    for (const row of rows) row.hidden = false
    more.remove()
  })
  fill(
    'keys',
    heading('keys', 'Keys at risk', lead),
    keys.length === 0
      ? el('p', { class: 'nothing' }, 'No key is known to be at risk here.')
      : el(
          'div',
          { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table of keys' },
          el(
            'table',
            { class: 'list' },
            el(
              'thead',
              {},
              el(
                'tr',
                {},
                ['Key', 'What is wrong', 'What hangs on it', 'Held by'].map((name) =>
                  el('th', { scope: 'col' }, name),
                ),
              ),
            ),
            el('tbody', {}, rows),
          ),
        ),
    rows.length > KEYS_SHOWN ? more : null,
  )
}

/**
 * @param {PageKey} a
 * @param {PageKey} b
 */
function byHarm(a, b) {
  return (
    Number(b.status === 'fail') - Number(a.status === 'fail') ||
    harm(b) - harm(a) ||
    (a.key_arn < b.key_arn ? -1 : 1)
  )
}

/** @param {PageKey} key */
function harm({ holds }) {
  return holds.reduce((sum, { n }) => sum + n, 0)
}

/**
 * @param {Model} model
 * @param {View} view
 * @param {PageKey} key
 */
function keyRow(model, view, key) {
  const owner = key.key_arn.split(':')[4] ?? ''
  return el(
    'tr',
    {},
    el(
      'th',
      { scope: 'row' },
      key.alias ? [foreign(key.alias.replace(/^alias\//, ''), 'name'), el('br')] : null,
      arnLink(key.key_arn, shortArn(key.key_arn).replace(/^key\//, '')),
      owner === key.account_id ? null : el('span', { class: 'quiet block' }, `of account ${owner}`),
    ),
    el(
      'td',
      {},
      statusMark(key.status),
      ' ',
      foreign(key.reason.replace(/; on it hang .*$/, '').replace(/^the key /, '')),
      key.deletion_date
        ? el('strong', { class: 'block' }, `will be deleted on ${day(key.deletion_date)}`)
        : null,
    ),
    el(
      'td',
      {},
      el(
        'a',
        { href: routeTo(view, { search: key.key_arn }), 'data-goto': 'findings' },
        key.holds.length === 0
          ? 'not known'
          : key.holds
              .map(({ kind, n }) => `${n} ${n === 1 ? kind.replace(/s$/, '') : kind}`)
              .join(', '),
      ),
    ),
    el(
      'td',
      {},
      accountLink(model.accounts.get(key.account_id), key.account_id),
      el('span', { class: 'quiet block' }, key.region),
    ),
  )
}
