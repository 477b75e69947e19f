/** @import { App } from './main.js' */
import { byId, el } from './dom.js'
import { findingAt } from './findings.js'
import { typeName } from './format.js'
import { accountLink, arnLink, foreign, severityMark, statusMark } from './parts.js'
import { routeTo } from './route.js'

/**
 * Opens one finding: what was judged, what was seen, why it matters and what to do.
 * @param {App} app
 * @param {number} row
 */
export function openDetail({ model, findings, view }, row) {
  if (!findings) return
  const found = findingAt(findings, row)
  const related = found.related === found.resource ? '' : found.related
  const control = model.controls.get(found.control)
  const dialog = /** @type {HTMLDialogElement} */ (byId('detail'))
  const close = el(
    'button',
    { type: 'button', class: 'tool', click: () => dialog.close() },
    'Close',
  )
  /** @type {[string, Parameters<typeof el>[2]][]} */
  const facts = [
    ['Resource', arnLink(found.resource)],
    ['Type', typeName(found.type)],
    ['Account', accountLink(model.accounts.get(found.account), found.account)],
    ['Region', found.region],
    ['Related', related ? arnLink(related) : null],
    ['Requirement', control?.requirement],
  ]
  dialog.replaceChildren(
    el(
      'header',
      {},
      el(
        'p',
        { class: 'marks' },
        statusMark(found.status),
        severityMark(control?.severity ?? ''),
        el('span', { class: 'quiet' }, control?.family),
      ),
      close,
    ),
    el('h2', { id: 'detail-heading' }, control?.title ?? found.control),
    el('p', { class: 'seen' }, foreign(found.reason)),
    el(
      'dl',
      {},
      facts
        .filter(([, value]) => value)
        .map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
    ),
    ...(control?.rationale ? [el('h3', {}, 'Why it matters'), el('p', {}, control.rationale)] : []),
    ...(control?.remediation ? [el('h3', {}, 'What to do'), el('p', {}, control.remediation)] : []),
    el(
      'p',
      { class: 'links' },
      el(
        'a',
        { href: routeTo(view, { control: found.control }), 'data-goto': 'findings' },
        'All findings of this control',
      ),
      el(
        'a',
        { href: routeTo(view, { search: found.resource }), 'data-goto': 'findings' },
        'All findings about this resource',
      ),
    ),
  )
  for (const link of dialog.querySelectorAll('a[href^="#"]'))
    link.addEventListener('click', () => dialog.close())
  dialog.showModal()
}
