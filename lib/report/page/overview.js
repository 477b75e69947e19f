/** @import { View } from './route.js' */
/** @import { Model, Tally } from './model.js' */
import { el, fill, styled } from './dom.js'
import { count, counted, percent } from './format.js'
import {
  accountsIn,
  noFindings,
  SEVERITIES,
  scoreOfView,
  talliesByControl,
  total,
} from './model.js'
import { bounds, interval, severityMark, tallyBar } from './parts.js'
import { routeTo } from './route.js'

const CELLS = /** @type {const} */ ({
  complete: 'read whole',
  partial: 'read in part',
  unread: 'not read',
  not_applicable: 'switched off',
})

/**
 * The score, the findings and the coverage at a glance.
 * @param {Model} model
 * @param {View} view
 */
export function drawOverview(model, view) {
  fill('overview', scorePanel(model, view), findingsPanel(model, view), coveragePanel(model, view))
}

/**
 * @param {Model} model
 * @param {View} view
 */
function scorePanel(model, view) {
  const score = scoreOfView(model, view) ?? { value: null, low: null, high: null }
  const { value, low, high } = score
  return el(
    'div',
    { class: 'panel panel-score' },
    el('h2', {}, 'Score'),
    el(
      'p',
      { class: 'figure' },
      value === null ? 'Nothing judged' : (value * 100).toFixed(1),
      value === null ? null : el('span', { class: 'unit' }, '%'),
    ),
    interval(score, 'interval-large'),
    el(
      'div',
      { class: 'scale', 'aria-hidden': 'true' },
      ['0', '25', '50', '75', '100'].map((tick) => el('span', {}, tick)),
    ),
    el(
      'p',
      { class: 'say' },
      low === null || high === null
        ? 'Nothing was found to judge.'
        : [
            'Between ',
            el('strong', {}, bounds(score)),
            ': what could not be read may be either. Controls weigh by severity.',
          ],
    ),
  )
}

/**
 * @param {Model} model
 * @param {View} view
 */
function findingsPanel(model, view) {
  const tallies = talliesByControl(model, accountsIn(model, view))
  const sums = SEVERITIES.map((severity) => ({
    severity,
    tally: total(
      [...tallies].flatMap(([id, tally]) =>
        model.controls.get(id)?.severity === severity ? [tally] : [],
      ),
    ),
  }))
  const all = total(tallies.values())
  return el(
    'div',
    { class: 'panel panel-findings' },
    el('h2', {}, 'Findings'),
    el(
      'p',
      { class: 'figures' },
      statusFigure(view, 'fail', all),
      statusFigure(view, 'unknown', all),
      statusFigure(view, 'pass', all),
      all.waived > 0 ? statusFigure(view, 'waived', all) : null,
    ),
    el(
      'table',
      { class: 'severities' },
      el('caption', { class: 'hidden-text' }, 'Findings by severity'),
      el(
        'thead',
        { class: 'hidden-text' },
        el(
          'tr',
          {},
          ['Severity', 'Fail', 'Unknown', 'Share'].map((name) => el('th', { scope: 'col' }, name)),
        ),
      ),
      el(
        'tbody',
        {},
        sums.map(({ severity, tally }) => severityRow(view, severity, tally)),
      ),
    ),
  )
}

/**
 * @param {View} view
 * @param {'fail' | 'unknown' | 'pass' | 'waived'} status
 * @param {Tally} tally
 */
function statusFigure(view, status, tally) {
  const href = routeTo(view, { status: [status] })
  return el(
    'a',
    { class: `stat stat-${status}`, href, 'data-goto': 'findings' },
    el('span', { class: 'stat-n' }, count(tally[status])),
    el('span', { class: 'stat-name' }, ` ${status}`),
  )
}

/**
 * @param {View} view
 * @param {string} severity
 * @param {Tally} tally
 */
function severityRow(view, severity, tally = noFindings()) {
  const href = routeTo(view, { severity: [severity], status: ['fail'] })
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, severityMark(severity)),
    el(
      'td',
      { class: 'n' },
      el('a', { href, 'data-goto': 'findings' }, `${count(tally.fail)} fail`),
    ),
    el('td', { class: 'n quiet' }, `${count(tally.unknown)} unknown`),
    el('td', { class: 'grow' }, tallyBar(tally)),
  )
}

/**
 * @param {Model} model
 * @param {View} view
 */
function coveragePanel(model, view) {
  const shown = accountsIn(model, view)
  const cells = model.data.cells.filter(({ account_id }) => shown.has(account_id))
  const states = Object.entries(CELLS).map(([status, name]) => ({
    status,
    name,
    n: cells.filter((cell) => cell.status === status).length,
  }))
  const outside = model.data.accounts.filter(({ id, audited }) => shown.has(id) && !audited)
  return el(
    'div',
    { class: 'panel panel-coverage' },
    el('h2', {}, 'Coverage'),
    el('p', { class: 'figure figure-small' }, percent(scoreOfView(model, view)?.coverage)),
    el(
      'span',
      { class: 'tally-bar tall', 'aria-hidden': 'true' },
      states
        .filter(({ n }) => n > 0)
        .map(({ status, n }) =>
          styled(el('span', { class: `cell-${status}` }), { 'flex-grow': String(n) }),
        ),
    ),
    el(
      'ul',
      { class: 'legend' },
      states.map(({ status, name, n }) =>
        el('li', {}, el('span', { class: `swatch cell-${status}` }), `${count(n)} ${name}`),
      ),
    ),
    el(
      'p',
      { class: 'say' },
      `${counted(shown.size - outside.length, 'account')} × ${counted(model.data.regions.length, 'Region')}.`,
      outside.length > 0 ? ` ${counted(outside.length, 'account')} not audited.` : null,
      ' What was not read counts as unknown, never as fine.',
    ),
  )
}
