/** @import { App } from './main.js' */
/** @import { Selection } from './findings.js' */
import { el } from './dom.js'
import { findingAt, sortRows } from './findings.js'
import { count, shortArn, typeName } from './format.js'
import { nameOf } from './model.js'
import { foreign, severityMark, statusMark } from './parts.js'

/** Rows drawn beyond the edge of the view. */
const AROUND = 10
/** Rows that are printed. */
const PRINTED = 100

const COLUMNS_SHOWN = [
  { key: 'status', name: 'Status' },
  { key: 'severity', name: 'Severity', fixed: true },
  { key: 'control', name: 'Control' },
  { key: 'account', name: 'Account' },
  { key: 'region', name: 'Region' },
  { key: 'resource', name: 'Resource' },
  { key: 'reason', name: 'What was seen' },
]

/**
 * The list of findings: as long as it needs to be, and drawn only where it is looked at.
 * @param {App} app
 * @param {(row: number) => void} open
 */
export function makeList(app, open) {
  /** @type {{ rows: Uint32Array, sort: string, descending: boolean, active: number }} */
  const state = { rows: new Uint32Array(), sort: '', descending: false, active: 0 }
  let printing = false
  /** @type {Uint32Array} */
  let selected = new Uint32Array()
  const top = el('tr', { class: 'spacer', 'aria-hidden': 'true' }, el('td', { colspan: '7' }))
  const bottom = el('tr', { class: 'spacer', 'aria-hidden': 'true' }, el('td', { colspan: '7' }))
  const body = el('tbody', {}, top, bottom)
  const heads = COLUMNS_SHOWN.map(({ key, name, fixed }) =>
    el(
      'th',
      { scope: 'col', class: `c-${key}` },
      fixed ? name : el('button', { type: 'button', click: () => sortBy(key) }, name),
    ),
  )
  const table = el(
    'table',
    { class: 'findings', 'aria-describedby': 'findings-count' },
    el(
      'caption',
      { class: 'hidden-text' },
      'Findings. Arrow keys go from row to row, Enter opens one.',
    ),
    el('thead', {}, el('tr', { 'aria-rowindex': '1' }, heads)),
    body,
  )
  const view = el('div', { class: 'window' }, table)

  const rowHeight = () => Number.parseFloat(getComputedStyle(view).getPropertyValue('--row')) || 48

  /** @param {number} first @param {number} end */
  function drawRows(first, end) {
    const height = rowHeight()
    const focused = body.contains(document.activeElement)
    top.style.height = `${first * height}px`
    bottom.style.height = `${(state.rows.length - end) * height}px`
    const made = []
    for (let index = first; index < end; index++) made.push(row(index))
    // The new rows come before the old ones go: were the list short for a moment, the view would jump.
    const old = [...body.children].filter((one) => one !== top && one !== bottom)
    bottom.before(...made)
    for (const one of old) one.remove()
    if (focused) body.querySelector('button[tabindex="0"]')?.dispatchEvent(new Event('refocus'))
  }

  function draw() {
    // On paper the list has no window, and would grow to all of its rows.
    if (printing) return drawRows(0, Math.min(state.rows.length, PRINTED))
    const height = rowHeight()
    const first = Math.max(0, Math.floor(view.scrollTop / height) - AROUND)
    const end = Math.min(
      state.rows.length,
      Math.ceil((view.scrollTop + view.clientHeight) / height) + AROUND,
    )
    drawRows(first, Math.max(first, end))
  }

  /** @param {number} index */
  function row(index) {
    const at = state.rows[index] ?? 0
    const found = findingAt(app.findings ?? emptyFindings(), at)
    const control = app.model.controls.get(found.control)
    const account = app.model.accounts.get(found.account)
    const button = el(
      'button',
      {
        type: 'button',
        tabindex: index === state.active ? '0' : '-1',
        'data-index': index,
        click: () => choose(index),
      },
      foreign(shortArn(found.resource)),
    )
    button.addEventListener('refocus', () => button.focus({ preventScroll: true }))
    return el(
      'tr',
      { 'aria-rowindex': index + 2 },
      el('td', { class: 'c-status' }, statusMark(found.status)),
      el('td', { class: 'c-severity' }, severityMark(control?.severity ?? '')),
      el('td', { class: 'c-control', title: control?.title }, found.control),
      el(
        'td',
        { class: 'c-account' },
        foreign(nameOf(account) || found.account),
        el('span', { class: 'number' }, ` ${found.account}`),
      ),
      el('td', { class: 'c-region' }, found.region),
      el(
        'td',
        { class: 'c-resource' },
        button,
        el('span', { class: 'quiet' }, ` ${typeName(found.type)}`),
      ),
      el('td', { class: 'c-reason' }, foreign(found.reason)),
    )
  }

  /** @param {number} index */
  function choose(index) {
    state.active = index
    open(state.rows[index] ?? 0)
  }

  /** @param {string} key */
  function sortBy(key) {
    state.descending = state.sort === key && !state.descending
    state.sort = key
    order()
  }

  function order() {
    const { sort, descending } = state
    state.rows =
      sort && app.findings ? sortRows(app.findings, selected, sort, descending) : selected
    heads.forEach((head, index) => {
      const mine = COLUMNS_SHOWN[index]?.key === sort
      if (mine) head.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
      else head.removeAttribute('aria-sort')
    })
    state.active = 0
    view.scrollTop = 0
    table.setAttribute('aria-rowcount', String(state.rows.length + 1))
    draw()
  }

  view.addEventListener('scroll', () => requestAnimationFrame(draw))
  addEventListener('resize', draw)
  addEventListener('beforeprint', () => {
    printing = true
    draw()
  })
  addEventListener('afterprint', () => {
    printing = false
    draw()
  })
  view.addEventListener('keydown', (event) => {
    const page = Math.max(1, Math.floor(view.clientHeight / rowHeight()) - 2)
    const step = stepsOf(event.key, { page, all: state.rows.length })
    if (step === undefined || !(event.target instanceof HTMLElement) || !event.target.dataset.index)
      return
    event.preventDefault()
    state.active = Math.max(0, Math.min(state.rows.length - 1, state.active + step))
    show(state.active)
    body.querySelector(`button[data-index="${state.active}"]`)?.dispatchEvent(new Event('refocus'))
  })

  /** @param {number} index */
  function show(index) {
    const height = rowHeight()
    const header = table.tHead?.offsetHeight ?? 0
    const from = index * height
    const to = from + height + header
    if (from < view.scrollTop) view.scrollTop = from
    else if (to > view.scrollTop + view.clientHeight) view.scrollTop = to - view.clientHeight
    draw()
  }

  return {
    view,
    rows: () => state.rows,
    /** @param {Selection} selection */
    show(selection) {
      selected = selection.rows
      view.classList.toggle('empty', selected.length === 0)
      order()
    },
    printed: (/** @type {number} */ n) =>
      n > PRINTED ? `The first ${count(PRINTED)} are printed; findings.csv has them all.` : '',
  }
}

/**
 * How far a key moves in the list; undefined where it does not.
 * @param {string} key
 * @param {{ page: number, all: number }} sizes
 */
function stepsOf(key, { page, all }) {
  /** @type {Record<string, number>} */
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, End: all, Home: -all }
  return steps[key]
}

/** @returns {never} */
function emptyFindings() {
  throw new Error('the list is drawn before the findings are unpacked')
}
