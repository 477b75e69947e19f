/** @import { App } from './main.js' */
/** @import { Filter } from './route.js' */
import { byId, el } from './dom.js'
import { STATUSES } from './findings.js'
import { count } from './format.js'
import { accountsByUnit, nameOf, SEVERITIES, unitNameOf } from './model.js'
import { emptyFilter, routeTo } from './route.js'

/** How long after the last letter the rows are looked for, in milliseconds. */
const PAUSE = 120

/**
 * The controls over the list of findings. They are made once and then show what the filter is.
 * @param {App} app
 * @param {(filter: Filter) => void} change
 */
export function makeFilters(app, change) {
  const search = el('input', {
    type: 'search',
    id: 'search',
    placeholder: 'Search resources, accounts, reasons …',
    autocomplete: 'off',
    spellcheck: 'false',
  })
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting
  search.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(() => change({ ...app.filter, search: search.value }), PAUSE)
  })
  const view = viewSelect(app)
  const selects = {
    family: choice(
      'family',
      'Family',
      app.model.families.map((name) => [name, name]),
    ),
    control: choice(
      'control',
      'Control',
      app.model.data.controls.map(({ id }) => [id, id]),
    ),
    region: choice(
      'region',
      'Region',
      [...app.model.data.regions, 'global'].map((name) => [name, name]),
    ),
    type: choice('type', 'Type', []),
  }
  for (const [name, made] of Object.entries(selects)) {
    made.addEventListener('change', () => change({ ...app.filter, [name]: made.value }))
  }
  const chips = [
    ...STATUSES.map((value) => ({ group: /** @type {const} */ ('status'), value })),
    ...SEVERITIES.map((value) => ({ group: /** @type {const} */ ('severity'), value })),
  ].map(({ group, value }) => {
    const n = el('span', { class: 'chip-n' })
    const chip = el(
      'button',
      { type: 'button', class: `chip chip-${value}`, 'aria-pressed': 'false' },
      el('span', { class: `mark mark-${value}`, 'aria-hidden': 'true' }),
      value,
      group === 'status' ? n : null,
    )
    chip.addEventListener('click', () =>
      change({ ...app.filter, [group]: toggled(app.filter[group], value) }),
    )
    return { group, value, chip, n }
  })
  const reset = el('button', { type: 'button', class: 'tool', id: 'reset' }, 'Clear filters')
  reset.addEventListener('click', () => change(emptyFilter()))

  const bar = el(
    'div',
    { class: 'filters', role: 'search', 'aria-label': 'Findings' },
    el(
      'div',
      { class: 'filter-line' },
      el(
        'label',
        { class: 'search' },
        el('span', { class: 'hidden-text' }, 'Search the findings'),
        search,
      ),
      chipGroup('Status', chips, 'status'),
      chipGroup('Severity', chips, 'severity'),
    ),
    el(
      'div',
      { class: 'filter-line' },
      labelled('Account or unit', view),
      Object.entries(selects).map(([name, made]) => labelled(name, made)),
      reset,
    ),
  )

  /** @param {Record<string, number>} byStatus */
  function show(byStatus) {
    if (document.activeElement !== search) search.value = app.filter.search
    view.value = routeTo(app.view)
    for (const [name, made] of Object.entries(selects)) {
      made.value = String(app.filter[/** @type {'family'} */ (name)])
      made.classList.toggle('set', made.value !== '')
    }
    for (const { group: name, value, chip, n } of chips) {
      chip.setAttribute('aria-pressed', String(app.filter[name].includes(value)))
      if (name === 'status') n.textContent = count(byStatus[value] ?? 0)
    }
    reset.disabled = routeTo(app.view, app.filter) === routeTo(app.view)
  }

  return {
    bar,
    show,
    setTypes: (/** @type {string[]} */ types) =>
      setOptions(
        selects.type,
        'Type',
        types.toSorted().map((type) => [type, type]),
      ),
  }
}

/** @param {App} app */
function viewSelect(app) {
  const called = (/** @type {string} */ unit) => unitNameOf(app.model, unit)
  const made = el('select', { id: 'filter-view' }, el('option', { value: '#/' }, 'All'))
  for (const { path, accounts } of accountsByUnit(app.model, new Set(app.model.accounts.keys()))) {
    const unit = path.at(-1)
    const group = el('optgroup', { label: path.slice(1).map(called).join(' / ') || 'no unit' })
    if (unit && app.model.score('ou', unit)) {
      group.append(
        el('option', { value: routeTo({ kind: 'ou', id: unit }) }, `All of ${called(unit)}`),
      )
    }
    for (const account of accounts) {
      group.append(
        el(
          'option',
          { value: routeTo({ kind: 'account', id: account.id }) },
          `${nameOf(account)} ${account.id}`,
        ),
      )
    }
    made.append(group)
  }
  made.addEventListener('change', () => {
    const [, kind, id = ''] = made.value.split('/')
    const view =
      kind === 'ou' || kind === 'account'
        ? { kind: /** @type {'ou' | 'account'} */ (kind), id: decodeURIComponent(id) }
        : { kind: /** @type {const} */ ('organization'), id: '' }
    location.hash = routeTo(view, app.filter)
  })
  return made
}

/**
 * @param {string} name
 * @param {HTMLElement} control
 */
function labelled(name, control) {
  return el('label', {}, el('span', { class: 'hidden-text' }, name), control)
}

/**
 * @param {string} name
 * @param {{ group: string, chip: HTMLElement }[]} chips
 * @param {string} key
 */
function chipGroup(name, chips, key) {
  const members = chips.filter((one) => one.group === key).map(({ chip }) => chip)
  return el('div', { class: 'chips', role: 'group', 'aria-label': name }, members)
}

/**
 * @param {string} name
 * @param {string} label
 * @param {[value: string, text: string][]} options
 */
function choice(name, label, options) {
  const made = el('select', { id: `filter-${name}` })
  setOptions(made, label, options)
  return made
}

/**
 * @param {HTMLSelectElement} made
 * @param {string} label
 * @param {[value: string, text: string][]} options
 */
function setOptions(made, label, options) {
  const chosen = made.value
  made.replaceChildren(
    el('option', { value: '' }, `Any ${label.toLowerCase()}`),
    ...options.map(([value, text]) => el('option', { value }, text)),
  )
  made.value = chosen
}

/**
 * @param {string[]} list
 * @param {string} value
 */
function toggled(list, value) {
  return list.includes(value) ? list.filter((one) => one !== value) : [...list, value]
}

/** Puts the cursor into the search field. */
export function focusSearch() {
  byId('search').focus()
}
