/** @import { PageGap } from '../page-data.ts' */
/** @import { View } from './route.js' */
/** @import { Model } from './model.js' */
import { el, fill, heading } from './dom.js'
import { count, counted } from './format.js'
import { accountsIn } from './model.js'
import { accountLink, arnLink, foreign } from './parts.js'

/** Resources that are named of one account, Region and cause. */
const GAPS_SHOWN = 6

/** What a cause means, and what to do about it. @type {Record<string, [meaning: string, remedy: string]>} */
const CAUSES = {
  role_missing: [
    'The role could not be assumed',
    'Roll the role out to the account, and check its trust and external id.',
  ],
  denied_iam: [
    'Denied by the account’s own policy',
    'Let the role call what it lacks, in its policy or in the resource’s.',
  ],
  denied_scp: [
    'Denied by a service control policy',
    'Except the role from the policy, or say in the settings that such Regions are out of scope.',
  ],
  denied_rcp: ['Denied by a resource control policy', 'Except the role from the policy.'],
  denied: ['Denied; AWS does not say by what', 'Check the role’s policy and the organization’s.'],
  throttled: [
    'Throttled to the end',
    'Run again at another hour, or with a smaller share of the quota.',
  ],
  timeout: ['AWS did not answer in time', 'Resume or repeat the run.'],
  lost: ['The worker gave no answer', 'Resume or repeat the run.'],
  budget: [
    'Left out by the budget for single calls',
    'Raise the budget; the next run goes on where this one stopped.',
  ],
  error: ['AWS answered with an error', 'Read the answer below; repeat the run.'],
}

/**
 * What could not be read, and why.
 * @param {Model} model
 * @param {View} view
 */
export function drawUnread(model, view) {
  const shown = accountsIn(model, view)
  const gaps = model.data.unread.filter(({ account_id }) => shown.has(account_id))
  const causes = Map.groupBy(gaps, ({ cause }) => cause)
  const outside = model.data.accounts.filter(({ id, audited }) => shown.has(id) && !audited)
  fill(
    'unread',
    heading(
      'unread',
      'What could not be read, and why',
      gaps.length === 0 ? null : 'All of it counts as unknown, never as fine.',
    ),
    gaps.length === 0 ? el('p', { class: 'nothing' }, 'Everything in scope was read.') : null,
    [...causes].map(([cause, members]) => causeBlock(model, cause, members)),
    outside.length === 0
      ? null
      : el(
          'div',
          { class: 'cause' },
          el('h3', {}, 'Not audited'),
          el(
            'ul',
            { class: 'plain' },
            outside.map((account) =>
              el(
                'li',
                {},
                accountLink(account, account.id),
                el('span', { class: 'quiet' }, ` ${account.reason ?? ''}`),
              ),
            ),
          ),
        ),
  )
}

/**
 * @param {Model} model
 * @param {string} cause
 * @param {PageGap[]} gaps
 */
function causeBlock(model, cause, gaps) {
  const [meaning, remedy] = CAUSES[cause] ?? [cause, '']
  const accounts = new Set(gaps.map(({ account_id }) => account_id))
  return el(
    'div',
    { class: 'cause' },
    el(
      'h3',
      {},
      meaning,
      el('span', { class: 'quiet' }, ` ${cause} · ${counted(accounts.size, 'account')}`),
    ),
    remedy ? el('p', { class: 'remedy' }, remedy) : null,
    el(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': meaning },
      el(
        'table',
        { class: 'list compact gaps' },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            ['Account', 'Region', 'What', 'What AWS said'].map((name) =>
              el('th', { scope: 'col' }, name),
            ),
          ),
        ),
        el(
          'tbody',
          {},
          gaps.map((gap) => gapRow(model, gap)),
        ),
      ),
    ),
  )
}

/**
 * @param {Model} model
 * @param {PageGap} gap
 */
function gapRow(model, { account_id, region, collectors, resources, detail }) {
  const everything = collectors.includes('*')
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, accountLink(model.accounts.get(account_id), account_id)),
    el('td', {}, region === 'global' ? 'all' : region),
    el(
      'td',
      {},
      everything ? 'everything' : collectors.join(', '),
      resources.slice(0, GAPS_SHOWN).map((arn) => el('span', { class: 'block' }, arnLink(arn))),
      resources.length > GAPS_SHOWN
        ? el('span', { class: 'quiet' }, `and ${count(resources.length - GAPS_SHOWN)} more`)
        : null,
    ),
    el('td', { class: 'said' }, detail ? foreign(detail) : '–'),
  )
}
