/** @import { ECharts, EChartsCoreOption } from 'echarts' */
import { inflate } from './data.js'
import { el } from './dom.js'

/**
 * @typedef {(colour: (name: string) => string, width: number) => EChartsCoreOption} MakeOption
 * @typedef {{ place: HTMLElement, chart: ECharts, make: MakeOption }} Drawn
 */

/** @type {Promise<typeof import('echarts')> | undefined} */
let library

/** @type {Map<string, Drawn>} */
const drawn = new Map()

/**
 * Draws a chart, in place of the one that had the name before. The library is unpacked when the first is drawn.
 * @param {string} name
 * @param {HTMLElement} place
 * @param {MakeOption} make
 */
export async function drawChart(name, place, make) {
  library ??= inflate('chart-library').then(run)
  const { init } = await library
  if (!place.isConnected) return
  drawn.get(name)?.chart.dispose()
  const chart = init(place, null, {
    renderer: 'canvas',
    devicePixelRatio: Math.max(2, devicePixelRatio),
  })
  drawn.set(name, { place, chart, make })
  showChart(place, chart, make)
}

/**
 * @param {HTMLElement} place
 * @param {ECharts} chart
 * @param {MakeOption} make
 */
function showChart(place, chart, make) {
  const { fontFamily } = getComputedStyle(place)
  chart.setOption(
    { ...make(colours(place), place.clientWidth), textStyle: { fontFamily }, animation: false },
    true,
  )
}

/** Draws all charts again in the colours of the moment. */
export function redrawCharts() {
  for (const { place, chart, make } of drawn.values()) {
    chart.resize()
    showChart(place, chart, make)
  }
}

/**
 * The library is a script that makes a global; the page's policy admits exactly this text.
 * @param {string} text
 * @returns {typeof import('echarts')}
 */
function run(text) {
  document.head.append(el('script', {}, text))
  return Reflect.get(globalThis, 'echarts')
}

/**
 * What a colour of the style sheet is at the moment, light or dark.
 * @param {HTMLElement} place
 * @returns {(name: string) => string}
 */
function colours(place) {
  return (name) => {
    const probe = el('span')
    probe.style.color = `var(--${name})`
    place.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
}
