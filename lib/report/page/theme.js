import { redrawCharts } from './charts.js'
import { byId, el } from './dom.js'

const THEMES = ['system', 'light', 'dark']

/** Light, dark, or what the reader's system says; paper is always light. */
export function followTheme() {
  const root = document.documentElement
  const button = byId('theme')
  const show = () => {
    const theme = root.dataset.theme ?? 'system'
    const name = theme === 'system' ? 'Auto' : theme === 'light' ? 'Light' : 'Dark'
    button.replaceChildren(el('span', { class: 'hidden-text' }, 'Colours: '), name)
    redrawCharts()
  }
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? 'system') + 1) % THEMES.length]
    if (next === 'system') delete root.dataset.theme
    else root.dataset.theme = next
    show()
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawCharts)
  addEventListener('resize', redrawCharts)
  byId('print').addEventListener('click', () => print())
  /** @type {string | undefined} */
  let before
  addEventListener('beforeprint', () => {
    before = root.dataset.theme
    root.dataset.theme = 'light'
    redrawCharts()
  })
  addEventListener('afterprint', () => {
    if (before === undefined) delete root.dataset.theme
    else root.dataset.theme = before
    redrawCharts()
  })
  show()
}
