/** @import { KeyClass } from '../page-data.ts' */
/** @import { View } from './route.js' */
/** @import { Model } from './model.js' */
/** @import { MakeOption } from './charts.js' */
import { drawChart } from './charts.js'
import { el, fill, heading, styled } from './dom.js'
import { count, counted, percent } from './format.js'
import { accountsIn } from './model.js'
import { foreign } from './parts.js'

/** @type {{ id: KeyClass, name: string, colour: string, hatched?: boolean }[]} */
const CLASSES = [
  { id: 'customer', name: 'Customer managed key', colour: 'key-customer' },
  { id: 'other_account', name: 'Key of another account', colour: 'key-other' },
  { id: 'aws_managed', name: 'AWS managed key', colour: 'key-managed' },
  { id: 'aws_owned', name: 'AWS owned key', colour: 'key-owned' },
  { id: 'unresolved', name: 'Key gone or not read', colour: 'key-unresolved', hatched: true },
  { id: 'unnamed', name: 'AWS names no key', colour: 'key-unnamed', hatched: true },
  { id: 'none', name: 'Not encrypted', colour: 'key-none' },
]

/** @typedef {{ service: string, n: number, by: Map<KeyClass, number> }} Service */

/**
 * What backups there are, and by whose keys they are encrypted.
 * @param {Model} model
 * @param {View} view
 */
export function drawEncryption(model, view) {
  const services = servicesOf(model, view)
  const all = services.reduce((sum, { n }) => sum + n, 0)
  const clear = services.reduce((sum, { by }) => sum + (by.get('none') ?? 0), 0)
  const lead = `${counted(all, 'backup')} were read; ${count(clear)} of them ${clear === 1 ? 'is' : 'are'} not encrypted.`
  if (all === 0) {
    fill(
      'encryption',
      heading('encryption', 'Encryption by service and key'),
      el('p', { class: 'nothing' }, 'No backups were read here.'),
    )
    return
  }
  const used = CLASSES.filter(({ id }) => services.some(({ by }) => by.has(id)))
  const chart = styled(
    el('div', {
      class: 'chart',
      role: 'img',
      'aria-label': `${lead} The table below has the numbers.`,
    }),
    {
      height: `${services.length * 30 + 40}px`,
    },
  )
  fill(
    'encryption',
    heading('encryption', 'Encryption by service and key', lead),
    el(
      'ul',
      { class: 'legend' },
      used.map(({ name, colour, hatched }) =>
        el(
          'li',
          {},
          styled(el('span', { class: hatched ? 'swatch hatched' : 'swatch' }), {
            '--fill': `var(--${colour})`,
          }),
          name,
        ),
      ),
    ),
    chart,
    el('details', { class: 'as-table' }, el('summary', {}, 'As a table'), table(services, used)),
  )
  void drawChart('encryption', chart, optionOf(services, used))
}

/**
 * @param {Model} model
 * @param {View} view
 * @returns {Service[]}
 */
function servicesOf(model, view) {
  const shown = accountsIn(model, view)
  /** @type {Map<string, Service>} */
  const services = new Map()
  for (const { account_id, service, key_class, n } of model.data.encryption) {
    if (!shown.has(account_id)) continue
    const sum = services.get(service) ?? { service, n: 0, by: new Map() }
    sum.n += n
    sum.by.set(key_class, (sum.by.get(key_class) ?? 0) + n)
    services.set(service, sum)
  }
  return [...services.values()].sort((a, b) => b.n - a.n || (a.service < b.service ? -1 : 1))
}

/**
 * @param {Service[]} services
 * @param {typeof CLASSES} used
 */
function table(services, used) {
  return el(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Encryption as a table' },
    el(
      'table',
      { class: 'list compact' },
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el('th', { scope: 'col' }, 'Backups'),
          used.map(({ name }) => el('th', { scope: 'col', class: 'n' }, name)),
          el('th', { scope: 'col', class: 'n' }, 'All'),
        ),
      ),
      el(
        'tbody',
        {},
        services.map(({ service, n, by }) =>
          el(
            'tr',
            {},
            el('th', { scope: 'row' }, foreign(service)),
            used.map(({ id }) =>
              el('td', { class: by.has(id) ? 'n' : 'n zero' }, count(by.get(id) ?? 0)),
            ),
            el('td', { class: 'n' }, count(n)),
          ),
        ),
      ),
    ),
  )
}

/**
 * @param {Service[]} services
 * @param {typeof CLASSES} used
 * @returns {MakeOption}
 */
function optionOf(services, used) {
  return (colour, width) => ({
    aria: { enabled: false },
    grid: {
      left: 0,
      right: 8,
      top: 4,
      bottom: 4,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    tooltip: {
      trigger: 'item',
      renderMode: 'richText',
      backgroundColor: colour('surface'),
      borderColor: colour('line-strong'),
      textStyle: { color: colour('ink'), fontSize: 13 },
      /** @param {{ dataIndex: number, seriesIndex: number }} at */
      formatter: ({ dataIndex, seriesIndex }) => {
        const one = services[dataIndex]
        const key = used[seriesIndex]
        const n = (key && one?.by.get(key.id)) ?? 0
        return `${one?.service}\n${key?.name}: ${count(n)} of ${count(one?.n ?? 0)} (${percent(n / (one?.n || 1))})`
      },
    },
    xAxis: { type: 'value', max: 1, show: false },
    yAxis: {
      type: 'category',
      inverse: true,
      data: services.map(({ service, n }) => `${service}  ${count(n)}`),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        color: colour('ink'),
        fontSize: 13,
        width: Math.min(260, width * 0.5),
        overflow: 'truncate',
      },
    },
    series: used.map(({ id, name, colour: fillName, hatched }) => ({
      name,
      type: 'bar',
      stack: 'all',
      barWidth: 16,
      data: services.map(({ n, by }) => (by.get(id) ?? 0) / n),
      itemStyle: {
        color: colour(fillName),
        borderColor: colour('page'),
        borderWidth: 1,
        ...(hatched
          ? {
              decal: {
                color: colour('hatch'),
                dashArrayX: [1, 0],
                dashArrayY: [2, 4],
                rotation: -Math.PI / 4,
              },
            }
          : {}),
      },
      emphasis: { disabled: true },
    })),
  })
}
