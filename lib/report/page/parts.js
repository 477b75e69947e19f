/** @import { PageAccount } from '../page-data.ts' */
/** @import { Model, Tally } from './model.js' */
import { consoleLink } from './console-links.js'
import { el, styled } from './dom.js'
import { count, percent, visible } from './format.js'
import { nameOf, unitNameOf } from './model.js'
import { routeTo } from './route.js'

/**
 * A name or text from AWS: kept to itself, so that its direction does not spill over.
 * @param {string} text
 * @param {string} [className]
 */
export function foreign(text, className) {
  return el('bdi', { class: className }, visible(text))
}

/**
 * A unit's name, and its id where it has both.
 * @param {Model} model
 * @param {string} unit
 */
export function unitLabel(model, unit) {
  const name = unitNameOf(model, unit)
  return [foreign(name), name === unit ? null : el('span', { class: 'number' }, ` ${unit}`)]
}

/** @param {string} severity */
export function severityMark(severity) {
  return el('span', { class: `severity severity-${severity}` }, severity)
}

/** @param {string} status */
export function statusMark(status) {
  return el('span', { class: `status status-${status}` }, status)
}

/**
 * An account by its name and number, leading to its view.
 * @param {PageAccount | undefined} account
 * @param {string} id
 */
export function accountLink(account, id) {
  if (!account) return el('span', { class: 'account' }, foreign(id, 'number'))
  return el(
    'a',
    { class: 'account', href: routeTo({ kind: 'account', id }) },
    foreign(nameOf(account), 'name'),
    account.name ? el('span', { class: 'number' }, ` ${id}`) : null,
  )
}

/**
 * An ARN in full, with a way to the console where there is one.
 * @param {string} arn
 * @param {string} [shown]
 */
export function arnLink(arn, shown = arn) {
  const href = consoleLink(arn)
  if (href === null) return foreign(shown, 'arn')
  return el(
    'a',
    {
      class: 'arn',
      href,
      target: '_blank',
      rel: 'noopener noreferrer',
      title: `${visible(arn)} in the AWS console (in the account that you are signed in to)`,
    },
    foreign(shown),
    el('span', { class: 'hidden-text' }, ' (AWS console, new tab)'),
  )
}

/**
 * Where a score lies between 0 and 100 and how far it may be off.
 * @param {{ value: number | null, low: number | null, high: number | null }} score
 * @param {string} [className]
 */
export function interval({ value, low, high }, className = '') {
  const track = el('span', { class: `interval ${className}`, 'aria-hidden': 'true' })
  if (low !== null && high !== null) {
    track.append(
      styled(el('span', { class: 'interval-band' }), {
        left: `${low * 100}%`,
        width: `${Math.max(0.4, (high - low) * 100)}%`,
      }),
    )
  }
  if (value !== null) {
    track.append(styled(el('span', { class: 'interval-mark' }), { left: `${value * 100}%` }))
  }
  return track
}

/** @param {{ low: number | null, high: number | null }} score */
export function bounds({ low, high }) {
  return low === null || high === null ? '–' : `${percent(low)} – ${percent(high)}`
}

/**
 * Findings by status as one bar; the numbers stand beside it.
 * @param {Tally} tally
 */
export function tallyBar({ pass, fail, unknown, waived }) {
  const bar = el('span', { class: 'tally-bar', 'aria-hidden': 'true' })
  for (const [name, n] of Object.entries({ fail, unknown, waived, pass })) {
    if (n > 0) bar.append(styled(el('span', { class: `fill-${name}` }), { 'flex-grow': String(n) }))
  }
  return bar
}

/** @param {number} n */
export function cellCount(n) {
  return el('td', { class: n === 0 ? 'n zero' : 'n' }, count(n))
}
