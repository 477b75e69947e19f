/** @import { Model } from './model.js' */
/** @import { Filter, View } from './route.js' */
/** @import { Findings } from './findings.js' */
import { drawControls } from './control-list.js'
import { readData, readPieces } from './data.js'
import { openDetail } from './detail.js'
import { byId, el, fill, heading } from './dom.js'
import { download } from './download.js'
import { drawEncryption } from './encryption.js'
import { focusSearch, makeFilters } from './filters.js'
import { joinPieces, select } from './findings.js'
import { makeList } from './findings-list.js'
import { count, moment } from './format.js'
import { drawHeatMap } from './heat-map.js'
import { drawKeys } from './keys.js'
import { accountsIn, createModel, knows, nameOf } from './model.js'
import { drawOverview } from './overview.js'
import { drawPowers } from './powers.js'
import { emptyFilter, parseRoute, routeTo } from './route.js'
import { followTheme } from './theme.js'
import { drawTitle } from './title.js'
import { drawTrend } from './trend-chart.js'
import { drawUnread } from './unread.js'

/** @typedef {{ model: Model, view: View, filter: Filter, findings: Findings | null }} App */

/** Draws the report, then unpacks the findings: the page can be read before they are there. */
async function start() {
  const model = createModel(await readData())
  const route = parseRoute(location.hash)
  /** @type {App} */
  const app = {
    model,
    view: { kind: 'organization', id: '' },
    filter: route?.filter ?? emptyFilter(),
    findings: null,
  }
  if (route && knows(model, route.view)) app.view = route.view
  about(model)
  drawView(app)
  fill('findings', heading('findings', 'Findings', 'Being unpacked …'))
  await new Promise((done) => setTimeout(done))
  app.findings = joinPieces(await readPieces())
  const list = findingsSection(app)
  listen(app, list)
  followTheme()
  performance.mark('interactive')
  document.documentElement.dataset.ready = 'true'
}

/** @param {App} app */
function drawView(app) {
  const { model, view } = app
  drawTitle(model, view)
  drawOverview(model, view)
  drawHeatMap(model, view)
  drawControls(app)
  drawEncryption(model, view)
  drawKeys(model, view)
  drawPowers(model, view)
  drawUnread(model, view)
  drawTrend(model, view)
}

/**
 * The list with its filters; answers how to bring it up to date.
 * @param {App} app
 */
function findingsSection(app) {
  const filters = makeFilters(app, (filter) => {
    app.filter = filter
    history.replaceState(null, '', routeTo(app.view, filter))
    show()
  })
  const list = makeList(app, (row) => openDetail(app, row))
  const counted = el('p', { id: 'findings-count', class: 'counted', role: 'status' })
  const printed = el('p', { class: 'on-paper' })
  const downloads = (/** @type {'csv' | 'json'} */ format) => {
    const rows = list.rows()
    if (app.findings) void download(app.model, app.findings, { rows, format })
  }
  const { total, listed } = app.model.data.findings
  const lead =
    listed < total
      ? `The worst ${count(listed)} of ${count(total)} are listed; findings.csv beside the page has them all.`
      : null
  fill(
    'findings',
    heading('findings', 'Findings', lead),
    filters.bar,
    el(
      'div',
      { class: 'count-line' },
      counted,
      el(
        'button',
        { type: 'button', class: 'tool', id: 'download-csv', click: () => downloads('csv') },
        'Download CSV',
      ),
      el(
        'button',
        { type: 'button', class: 'tool', id: 'download-json', click: () => downloads('json') },
        'Download JSON',
      ),
    ),
    list.view,
    printed,
  )
  filters.setTypes(app.findings?.words.type ?? [])

  function show() {
    if (!app.findings) return
    const selection = select(app.findings, {
      filter: app.filter,
      accounts: accountsIn(app.model, app.view),
      controls: app.model.controls,
      names: (id) => nameOf(app.model.accounts.get(id)),
    })
    filters.show(selection.byStatus)
    counted.textContent = `${count(selection.rows.length)} of ${count(app.findings.size)} findings`
    printed.textContent = list.printed(selection.rows.length)
    list.show(selection)
  }
  show()
  return show
}

/**
 * @param {App} app
 * @param {() => void} showFindings
 */
function listen(app, showFindings) {
  /** @type {string | undefined} */
  let goal
  addEventListener('hashchange', () => {
    const route = parseRoute(location.hash)
    if (!route) return
    const view = knows(app.model, route.view)
      ? route.view
      : { kind: /** @type {const} */ ('organization'), id: '' }
    const moved = view.kind !== app.view.kind || view.id !== app.view.id
    app.view = view
    app.filter = route.filter
    if (moved) drawView(app)
    showFindings()
    if (goal) goTo(goal)
    else if (moved) {
      scrollTo({ top: 0 })
      byId('main').focus({ preventScroll: true })
    }
    goal = undefined
  })
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const hash = link?.getAttribute('href') ?? ''
    if (!link || !hash.startsWith('#')) return
    const target = link.dataset.goto ?? (hash.startsWith('#/') ? undefined : hash.slice(1))
    if (hash.startsWith('#/') && hash !== location.hash) {
      goal = target
      return
    }
    event.preventDefault()
    if (target) goTo(target)
  })
  addEventListener('keydown', searchOnSlash)
}

/** @param {KeyboardEvent} event */
function searchOnSlash(event) {
  const writing = event.target instanceof HTMLElement && event.target.matches('input, select')
  if (event.key !== '/' || writing || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  focusSearch()
}

/** @param {string} id */
function goTo(id) {
  const place = byId(id)
  place.scrollIntoView({ block: 'start' })
  place.focus({ preventScroll: true })
}

/** @param {Model} model */
function about({ data }) {
  const { run } = data
  document.title = `Strongroom · ${run.run_id}`
  fill(
    'about',
    el(
      'p',
      {},
      `Strongroom, run ${run.run_id}, as of ${moment(run.as_of)}. Names are shown as AWS gave them. The page needs no network; links to the AWS console open in a new tab.`,
    ),
  )
}

start().catch((error) => {
  fill(
    'title',
    el('h1', {}, 'The report cannot be drawn'),
    el('p', {}, `${error}. It needs a browser of 2024 or later; findings.csv lies beside it.`),
  )
  throw error
})
