/** @import { PageControl } from '../page-data.ts' */
/** @import { View } from './route.js' */
/** @import { Model, Tally } from './model.js' */
/** @import { Findings } from './findings.js' */
import { explanation } from './control-detail.js'
import { el, fill, heading } from './dom.js'
import { counted, percent } from './format.js'
import { accountsIn, lossBy, talliesByControl } from './model.js'
import { bounds, cellCount, interval, severityMark, tallyBar } from './parts.js'

/** Controls that are shown before the reader asks for all. */
const SHOWN = 12

/**
 * @typedef {{ control: PageControl, tally: Tally }} Judged
 * @typedef {{ model: Model, view: View, findings: Findings | null }} Place
 */

/**
 * Controls that do not pass, the worst first; each opens to why it matters, what to do, and where.
 * @param {Place} place
 */
export function drawControls(place) {
  const { model, view } = place
  const judged = worstFirst(model, view)
  const clean = model.controls.size - judged.length
  const others =
    clean > 0 ? ` ${counted(clean, 'other control')} without a failure or an unknown.` : ''
  const lead = `Ordered by what they take from the score.${others}`
  const rows = judged.map((one) => controlRows(place, one))
  const rest = rows.slice(SHOWN)
  for (const body of rest) body.hidden = true
  const more = el('button', { type: 'button', class: 'more' }, `Show all ${judged.length}`)
  more.addEventListener('click', () => {
    for (const body of rest) body.hidden = false
    more.remove()
  })
  fill(
    'controls',
    heading('controls', 'Worst controls', lead),
    judged.length === 0
      ? el('p', { class: 'nothing' }, 'Nothing fails here, and nothing is unknown.')
      : el(
          'div',
          { class: 'scroll' },
          el(
            'table',
            { class: 'list controls' },
            el('caption', { class: 'hidden-text' }, 'Controls that do not pass'),
            head(view),
            rows,
          ),
        ),
    rest.length > 0 ? more : null,
  )
}

/**
 * A control's score is known of the whole report; within a view there are only its findings.
 * @param {Model} model
 * @param {View} view
 * @param {PageControl} control
 */
function scoreOfControl(model, { kind }, { id }) {
  return kind === 'organization' ? model.score('control', id) : undefined
}

/** @param {View} view */
function head({ kind }) {
  const names = [
    'Control',
    'Severity',
    'Family',
    kind === 'organization' ? 'Score and bounds' : 'Findings',
  ]
  return el(
    'thead',
    {},
    el(
      'tr',
      {},
      names.map((name) => el('th', { scope: 'col' }, name)),
      el('th', { scope: 'col', class: 'n' }, 'Fail'),
      el('th', { scope: 'col', class: 'n' }, 'Unknown'),
      el('th', { scope: 'col', class: 'n' }, 'Pass'),
    ),
  )
}

/**
 * @param {Model} model
 * @param {View} view
 * @returns {Judged[]}
 */
function worstFirst(model, view) {
  const tallies = talliesByControl(model, accountsIn(model, view))
  /** @param {Judged} judged */
  const loss = ({ control, tally }) =>
    lossBy(control.severity, tally, scoreOfControl(model, view, control))
  return [...tallies]
    .flatMap(([id, tally]) => {
      const control = model.controls.get(id)
      return control && tally.fail + tally.unknown > 0 ? [{ control, tally }] : []
    })
    .sort(
      (a, b) =>
        loss(b) - loss(a) ||
        b.tally.unknown - a.tally.unknown ||
        (a.control.id < b.control.id ? -1 : 1),
    )
}

/**
 * @param {Place} place
 * @param {Judged} judged
 */
function controlRows(place, { control, tally }) {
  const { model, view } = place
  const id = `control-${control.id}`
  const detail = el('tr', { id, class: 'control-detail', hidden: true })
  const button = el(
    'button',
    { type: 'button', class: 'twist-text', 'aria-expanded': 'false', 'aria-controls': id },
    control.title,
  )
  button.addEventListener('click', () => {
    const opened = detail.hidden
    if (opened)
      detail.replaceChildren(el('td', { colspan: '7' }, explanation(place, { control, tally })))
    detail.hidden = !opened
    button.setAttribute('aria-expanded', String(opened))
  })
  const score = scoreOfControl(model, view, control)
  return el(
    'tbody',
    {},
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, button, el('span', { class: 'control-id' }, control.id)),
      el('td', {}, severityMark(control.severity)),
      el('td', { class: 'quiet' }, control.family),
      score
        ? el(
            'td',
            { class: 'score' },
            el('span', { class: 'score-n' }, percent(score.value)),
            interval(score),
            el('span', { class: 'hidden-text' }, `between ${bounds(score)}`),
          )
        : el('td', { class: 'score' }, tallyBar(tally)),
      cellCount(tally.fail),
      cellCount(tally.unknown),
      cellCount(tally.pass),
    ),
    detail,
  )
}
