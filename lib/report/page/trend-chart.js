/** @import { TrendPoint } from '../page-data.ts' */
/** @import { View } from './route.js' */
/** @import { Model } from './model.js' */
/** @import { MakeOption } from './charts.js' */
import { drawChart } from './charts.js'
import { el, fill, heading } from './dom.js'
import { count, counted, day, moment, percent } from './format.js'
import { bounds } from './parts.js'

/**
 * How the score went over the runs of the lake; for the whole report only, whose runs are compared.
 * @param {Model} model
 * @param {View} view
 */
export function drawTrend({ data }, view) {
  const place = document.getElementById('trend')
  if (place) place.hidden = view.kind !== 'organization'
  if (view.kind !== 'organization') return
  const { trend } = data
  const [first] = trend
  const last = trend.at(-1)
  if (trend.length < 2 || !first || !last) {
    fill(
      'trend',
      heading('trend', 'Trend'),
      el(
        'p',
        { class: 'nothing' },
        'This is the first run of the lake over this scope; the next one is compared with it.',
      ),
    )
    return
  }
  const change = ((last.value ?? 0) - (first.value ?? 0)) * 100
  const lead = `${counted(trend.length, 'run')} since ${day(first.as_of)}: ${change >= 0 ? '+' : '−'}${Math.abs(change).toFixed(1)} points, ${count(last.fail)} failures where there were ${count(first.fail)}.`
  const chart = el('div', {
    class: 'chart chart-trend',
    role: 'img',
    'aria-label': `${lead} The table below has the numbers.`,
  })
  fill(
    'trend',
    heading('trend', 'Trend', lead),
    el(
      'ul',
      { class: 'legend' },
      el('li', {}, el('span', { class: 'swatch line-score' }), 'score'),
      el('li', {}, el('span', { class: 'swatch band-score' }), 'its bounds'),
      el('li', {}, el('span', { class: 'swatch line-coverage' }), 'coverage'),
    ),
    chart,
    el('details', { class: 'as-table' }, el('summary', {}, 'As a table'), trendTable(trend)),
  )
  void drawChart('trend', chart, trendOption(trend))
}

/** @param {TrendPoint[]} trend */
function trendTable(trend) {
  const names = ['Run', 'Score', 'Bounds', 'Coverage', 'Fail', 'Unknown']
  return el(
    'table',
    { class: 'list compact' },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        names.map((name, index) => el('th', { scope: 'col', class: index > 0 ? 'n' : null }, name)),
      ),
    ),
    el(
      'tbody',
      {},
      trend.toReversed().map((point) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, moment(point.as_of)),
          [
            percent(point.value),
            bounds(point),
            percent(point.coverage),
            count(point.fail),
            count(point.unknown),
          ].map((text) => el('td', { class: 'n' }, text)),
        ),
      ),
    ),
  )
}

/**
 * @param {TrendPoint[]} trend
 * @returns {MakeOption}
 */
function trendOption(trend) {
  const values = trend.flatMap(({ low, coverage }) => [low ?? 1, coverage ?? 1])
  const floor = Math.max(0, Math.floor(Math.min(...values) * 10 - 0.2) * 10)
  /** @param {number | null} share */
  const points = (share) => (share === null ? null : share * 100)
  return (colour) => ({
    aria: { enabled: false },
    grid: {
      left: 4,
      right: 12,
      top: 12,
      bottom: 4,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      backgroundColor: colour('surface'),
      borderColor: colour('line-strong'),
      textStyle: { color: colour('ink'), fontSize: 13 },
      axisPointer: { lineStyle: { color: colour('line-strong') } },
      /** @param {{ dataIndex: number }[]} at */
      formatter: (at) => {
        const point = trend[at[0]?.dataIndex ?? 0]
        if (!point) return ''
        return `${moment(point.as_of)}\nscore ${percent(point.value)} (${bounds(point)})\ncoverage ${percent(point.coverage)}\n${count(point.fail)} fail, ${count(point.unknown)} unknown`
      },
    },
    xAxis: {
      type: 'category',
      boundaryGap: false,
      data: trend.map(({ as_of }) => as_of.slice(0, 10)),
      axisLine: { lineStyle: { color: colour('line-strong') } },
      axisTick: { show: false },
      axisLabel: { color: colour('muted'), fontSize: 12 },
    },
    yAxis: {
      type: 'value',
      min: floor,
      max: 100,
      axisLabel: { color: colour('muted'), fontSize: 12, formatter: '{value}%' },
      splitLine: { lineStyle: { color: colour('line') } },
    },
    series: [
      {
        type: 'line',
        stack: 'bounds',
        data: trend.map(({ low }) => points(low)),
        lineStyle: { opacity: 0 },
        symbol: 'none',
        silent: true,
      },
      {
        type: 'line',
        stack: 'bounds',
        data: trend.map(({ low, high }) =>
          low === null || high === null ? null : (high - low) * 100,
        ),
        lineStyle: { opacity: 0 },
        areaStyle: { color: colour('band'), opacity: 1 },
        symbol: 'none',
        silent: true,
      },
      {
        type: 'line',
        data: trend.map(({ coverage }) => points(coverage)),
        lineStyle: { color: colour('muted'), width: 1.5, type: 'dashed' },
        symbol: 'none',
      },
      {
        type: 'line',
        data: trend.map(({ value }) => points(value)),
        lineStyle: { color: colour('accent'), width: 2.5 },
        itemStyle: { color: colour('accent') },
        symbol: 'circle',
        symbolSize: 7,
      },
    ],
  })
}
