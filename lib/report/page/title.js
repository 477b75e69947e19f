/** @import { View } from './route.js' */
/** @import { Model } from './model.js' */
import { el, fill } from './dom.js'
import { moment } from './format.js'
import { nameOf, unitNameOf } from './model.js'
import { foreign, unitLabel } from './parts.js'
import { routeTo } from './route.js'

/**
 * What is looked at, and the way back up.
 * @param {Model} model
 * @param {View} view
 */
export function drawTitle(model, view) {
  fill('title', breadcrumbs(model, view), el('h1', {}, titleOf(model, view)), subtitle(model))
}

/**
 * What a view is called.
 * @param {Model} model
 * @param {View} view
 */
function titleOf(model, { kind, id }) {
  if (kind === 'account') return foreign(nameOf(model.accounts.get(id)))
  if (kind === 'ou') return unitLabel(model, id)
  const { scope } = model.data
  if (scope.kind === 'account') return foreign(nameOf(model.accounts.get(scope.id)))
  if (scope.kind === 'ou') return unitLabel(model, scope.id)
  return 'Backups of the organization'
}

/**
 * @param {Model} model
 * @param {View} view
 */
function breadcrumbs(model, { kind, id }) {
  if (kind === 'organization') {
    return el('p', { class: 'crumbs' }, 'REL09-BP02 · Secure and encrypt backups')
  }
  const account = model.accounts.get(id)
  const path = kind === 'account' ? (account?.path ?? []) : pathTo(model, id)
  const above = path.slice(1).filter((unit) => unit !== id && model.score('ou', unit))
  return el(
    'nav',
    { class: 'crumbs', 'aria-label': 'Path' },
    el('a', { href: '#/' }, 'Whole report'),
    above.map((unit) => [
      el('span', { 'aria-hidden': 'true' }, ' / '),
      el(
        'a',
        { href: routeTo({ kind: 'ou', id: unit }), title: unit },
        foreign(unitNameOf(model, unit)),
      ),
    ]),
    el('span', { 'aria-hidden': 'true' }, ' / '),
    el('span', { 'aria-current': 'page' }, kind === 'account' ? id : foreign(id)),
  )
}

/**
 * @param {Model} model
 * @param {string} unit
 */
function pathTo({ data }, unit) {
  const path = data.accounts.find((account) => account.path.includes(unit))?.path ?? []
  return path.slice(0, path.indexOf(unit) + 1)
}

/** @param {Model} model */
function subtitle({ data }) {
  return el(
    'p',
    { class: 'subtitle' },
    `As of ${moment(data.run.as_of)}`,
    el('span', { class: 'dot' }, ` · run ${data.run.run_id}`),
    data.run.whole ? null : el('span', { class: 'dot' }, ' · a part of the organization only'),
  )
}
