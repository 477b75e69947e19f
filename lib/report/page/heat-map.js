/** @import { PageAccount, PageScore } from '../page-data.ts' */
/** @import { View } from './route.js' */
/** @import { Model } from './model.js' */
import { el, fill, heading } from './dom.js'
import { count, counted, percent } from './format.js'
import { accountsByUnit, accountsIn, cellState, nameOf, unitNameOf } from './model.js'
import { bounds, foreign, unitLabel } from './parts.js'
import { routeTo } from './route.js'

/** Above this many accounts the units begin closed: their own rows tell where to look. */
const OPEN_UP_TO = 80

/** Upper ends of the steps; a step is a colour and, in the cell, always a number too. */
const STEPS = [0.5, 0.65, 0.8, 0.9, 0.9995]

/**
 * Accounts by unit, and families of controls.
 * @param {Model} model
 * @param {View} view
 */
export function drawHeatMap(model, view) {
  const shown = accountsIn(model, view)
  const groups = accountsByUnit(model, shown)
  const open = shown.size <= OPEN_UP_TO
  fill(
    'accounts',
    heading(
      'accounts',
      'Accounts and families of controls',
      'Each cell is the share that passes, weighed by severity. Follow a cell to its findings.',
    ),
    legend(),
    el(
      'div',
      { class: 'scroll', role: 'region', 'aria-label': 'Heat map', tabindex: '0' },
      el(
        'table',
        { class: 'heat' },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            el('th', { scope: 'col' }, 'Account'),
            ['All', ...model.families].map((family) => el('th', { scope: 'col' }, family)),
            el('th', { scope: 'col', class: 'n' }, 'Fail'),
          ),
        ),
        groups.map((group) => unitRows(model, group, open)),
      ),
    ),
  )
}

function legend() {
  const names = ['under 50', '50–65', '65–80', '80–90', '90–100', '100']
  return el(
    'ul',
    { class: 'legend heat-legend', 'aria-label': 'Colours' },
    names.map((name, step) =>
      el('li', {}, el('span', { class: `swatch heat-${step}` }), `${name}%`),
    ),
    el('li', {}, el('span', { class: 'swatch heat-3 heat-partly' }), 'read in part'),
    el('li', {}, el('span', { class: 'swatch heat-unread' }), 'not read'),
    el('li', {}, el('span', { class: 'swatch heat-empty' }), 'nothing to judge'),
  )
}

/**
 * @param {Model} model
 * @param {{ path: string[], accounts: PageAccount[] }} group
 * @param {boolean} open
 */
function unitRows(model, { path, accounts }, open) {
  const unit = path.at(-1)
  const body = el('tbody', {})
  const rows = accounts.map((account) => accountRow(model, account))
  for (const row of rows) row.hidden = !open
  if (unit && path.length > 1 && model.score('ou', unit)) {
    /** @param {Event} event */
    const toggle = (event) => {
      const button = /** @type {HTMLElement} */ (event.currentTarget)
      const opened = button.getAttribute('aria-expanded') !== 'true'
      button.setAttribute('aria-expanded', String(opened))
      for (const row of rows) row.hidden = !opened
    }
    body.append(
      unitRow(
        model,
        { unit, path, size: accountsIn(model, { kind: 'ou', id: unit }).size },
        { open, toggle },
      ),
    )
  } else {
    for (const row of rows) row.hidden = false
  }
  body.append(...rows)
  return body
}

/**
 * @param {Model} model
 * @param {{ unit: string, path: string[], size: number }} group
 * @param {{ open: boolean, toggle: (event: Event) => void }} state
 */
function unitRow(model, { unit, path, size }, { open, toggle }) {
  const view = /** @type {View} */ ({ kind: 'ou', id: unit })
  const score = model.score('ou', unit)
  const name = unitNameOf(model, unit)
  return el(
    'tr',
    { class: 'unit-row' },
    el(
      'th',
      { scope: 'rowgroup' },
      el('button', {
        type: 'button',
        class: 'twist',
        'aria-expanded': String(open),
        'aria-label': `Accounts of ${name}`,
        click: toggle,
      }),
      el('a', { href: routeTo(view), title: path.slice(1).join(' / ') }, unitLabel(model, unit)),
      el('span', { class: 'number' }, ` ${counted(size, 'account')}`),
    ),
    heatCell(score, { view, family: '', label: name }),
    model.families.map((family) =>
      heatCell(model.score('ou_family', `${unit}/${family}`), { view, family, label: name }),
    ),
    el('td', { class: 'n' }, count(score?.fail ?? 0)),
  )
}

/**
 * @param {Model} model
 * @param {PageAccount} account
 */
function accountRow(model, account) {
  const view = /** @type {View} */ ({ kind: 'account', id: account.id })
  const name = nameOf(account)
  const head = el(
    'th',
    { scope: 'row' },
    el('a', { href: routeTo(view) }, foreign(name, 'name')),
    account.name ? el('span', { class: 'number' }, ` ${account.id}`) : null,
  )
  if (!account.audited) {
    return el(
      'tr',
      { class: 'not-audited' },
      head,
      el(
        'td',
        { class: 'heat-unread', colspan: String(model.families.length + 2) },
        `not audited: ${account.reason ?? 'no reason given'}`,
      ),
    )
  }
  const score = model.score('account', account.id)
  return el(
    'tr',
    {},
    head,
    heatCell(score, { view, family: '', label: name }),
    model.families.map((family) =>
      heatCell(model.score('account_family', `${account.id}/${family}`), {
        view,
        family,
        label: name,
      }),
    ),
    el('td', { class: 'n' }, count(score?.fail ?? 0)),
  )
}

/**
 * @param {PageScore | undefined} score
 * @param {{ view: View, family: string, label: string }} of
 */
function heatCell(score, { view, family, label }) {
  const state = cellState(score)
  const what = `${label}, ${family || 'all families'}`
  if (!score || state === 'empty') {
    return el(
      'td',
      { class: 'heat-empty' },
      el('span', { 'aria-hidden': 'true' }, '·'),
      el('span', { class: 'hidden-text' }, 'nothing to judge'),
    )
  }
  const href = routeTo(view, { family, status: score.fail > 0 ? ['fail', 'unknown'] : [] })
  const said = state === 'unread' ? 'not read' : `${percent(score.value)}, between ${bounds(score)}`
  const counts = `${score.fail} fail, ${score.unknown} unknown, ${score.pass} pass`
  const classes =
    state === 'unread'
      ? 'heat-unread'
      : `heat-${stepOf(score.value ?? 0)}${state === 'partly' ? ' heat-partly' : ''}`
  return el(
    'td',
    { class: classes },
    el(
      'a',
      {
        href,
        'data-goto': 'findings',
        'aria-label': `${what}: ${said}; ${counts}`,
        title: `${said}\n${counts}`,
      },
      state === 'unread' ? '?' : wholePercent(score.value ?? 0),
    ),
  )
}

/**
 * The whole part of what `percent` says.
 * @param {number} value
 */
function wholePercent(value) {
  return Math.floor(Number.parseFloat(percent(value)))
}

/** @param {number} value */
function stepOf(value) {
  const step = STEPS.findIndex((end) => value < end)
  return step === -1 ? STEPS.length : step
}
