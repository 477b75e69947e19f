/** @import { View } from './route.js' */
/** @import { Model } from './model.js' */
import { byId, el, fill, heading } from './dom.js'
import { counted } from './format.js'
import { accountsIn } from './model.js'
import { foreign } from './parts.js'

/** Rows that are shown; the table of the lake has them all. */
const POWERS_SHOWN = 200

/**
 * Who can destroy backups, as far as a run has worked it out.
 * @param {Model} model
 * @param {View} view
 */
export function drawPowers(model, view) {
  const { powers } = model.data
  byId('powers').hidden = powers === null
  if (!powers) return
  const shown = accountsIn(model, view)
  const at = powers.columns.findIndex(({ name }) => name === 'account_id')
  const rows = powers.rows.filter((row) => shown.has(row[at] ?? ''))
  fill(
    'powers',
    heading(
      'powers',
      'Who can destroy backups',
      `${counted(rows.length, 'power')} of principals over backups${rows.length > POWERS_SHOWN ? `; the first ${POWERS_SHOWN} are shown` : ''}.`,
    ),
    el(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table of powers' },
      el(
        'table',
        { class: 'list compact' },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            powers.columns.map(({ name, description }) =>
              el('th', { scope: 'col', title: description }, name.replaceAll('_', ' ')),
            ),
          ),
        ),
        el(
          'tbody',
          {},
          rows.slice(0, POWERS_SHOWN).map((row) =>
            el(
              'tr',
              {},
              row.map((text) => el('td', {}, foreign(text ?? '–'))),
            ),
          ),
        ),
      ),
    ),
  )
}
