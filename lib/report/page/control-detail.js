/** @import { PageControl } from '../page-data.ts' */
/** @import { Judged, Place } from './control-list.js' */
import { el } from './dom.js'
import { findingAt, select } from './findings.js'
import { counted, shortArn } from './format.js'
import { accountsIn, nameOf } from './model.js'
import { accountLink, arnLink, foreign, statusMark } from './parts.js'
import { emptyFilter, routeTo } from './route.js'

/** Resources that are listed under a control. */
const RESOURCES = 8

/**
 * Why a control matters, what to do, and where it does not pass.
 * @param {Place} place
 * @param {Judged} judged
 */
export function explanation(place, { control, tally }) {
  const { view } = place
  const shown = tally.fail + tally.unknown
  return el(
    'div',
    { class: 'explanation' },
    el(
      'div',
      { class: 'prose' },
      el('h3', {}, 'Why it matters'),
      el(
        'p',
        {},
        control.rationale || 'This version of Strongroom does not know the control any more.',
      ),
      control.remediation ? [el('h3', {}, 'What to do'), el('p', {}, control.remediation)] : null,
      control.references.length > 0 ? [el('h3', {}, 'See also'), references(control)] : null,
    ),
    el(
      'div',
      {},
      el('h3', {}, 'Resources'),
      resources(place, control),
      el(
        'a',
        {
          class: 'more',
          href: routeTo(view, { control: control.id, status: ['fail', 'unknown'] }),
          'data-goto': 'findings',
        },
        `All ${counted(shown, 'finding')} of this control`,
      ),
    ),
  )
}

/** @param {PageControl} control */
function references({ references: list, requirement }) {
  return el(
    'ul',
    { class: 'references' },
    [requirement, ...list]
      .filter(Boolean)
      .map((text) =>
        el(
          'li',
          {},
          /^https:\/\//.test(text)
            ? el(
                'a',
                { href: text, target: '_blank', rel: 'noopener noreferrer' },
                text.replace('https://', ''),
              )
            : text,
        ),
      ),
  )
}

/**
 * @param {Place} place
 * @param {PageControl} control
 */
function resources({ model, view, findings }, control) {
  if (!findings) return el('p', { class: 'quiet' }, 'The findings are still being unpacked.')
  const { rows } = select(findings, {
    filter: { ...emptyFilter(), control: control.id, status: ['fail', 'unknown'] },
    accounts: accountsIn(model, view),
    controls: model.controls,
    names: (id) => nameOf(model.accounts.get(id)),
  })
  return el(
    'ul',
    { class: 'resources' },
    Array.from(rows.slice(0, RESOURCES), (row) => {
      const found = findingAt(findings, row)
      return el(
        'li',
        {},
        statusMark(found.status),
        el(
          'div',
          {},
          el(
            'p',
            {},
            arnLink(found.resource, shortArn(found.resource)),
            ' ',
            accountLink(model.accounts.get(found.account), found.account),
            ' ',
            el('span', { class: 'quiet region' }, found.region),
          ),
          el('p', { class: 'quiet' }, foreign(found.reason)),
        ),
      )
    }),
  )
}
