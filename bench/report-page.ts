import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { openDuckdb } from '../lib/engine/duckdb.ts'
import { writePage } from '../lib/report/write-page.ts'
import { loadTables } from '../lib/sources.ts'
import { openBrowser } from '../test/peers/chromium.ts'
import { concludePoints, timed } from './recovery-points.ts'
import { round } from './round.ts'

const OPENINGS = 5

/** Writes the page of a run with so many recovery points, and opens it in a browser until it can be worked with. */
export async function openPage(points: number) {
  const lake = await mkdtemp(join(tmpdir(), 'strongroom-bench-'))
  try {
    const { runId } = await concludePoints(lake, points)
    const tables = await loadTables()
    const engine = await openDuckdb({ lake, tables })
    const path = join(lake, 'report.html')
    const written = await timed(() => writePage(engine, path, { runId, tables }))
    const { rows } = await engine.query('select count(*) as n from findings')
    engine.close()
    const browser = await openBrowser()
    try {
      const opened = []
      for (let time = 0; time < OPENINGS; time++) opened.push(await openOnce(browser, path))
      return {
        findings: Number(rows[0]?.n),
        write_seconds: round(written),
        page_mb: round((await stat(path)).size / 1e6),
        interactive_ms: middle(opened.map(({ interactive }) => interactive)),
        search_ms: middle(opened.map(({ search }) => search)),
      }
    } finally {
      await browser.close()
    }
  } finally {
    await rm(lake, { recursive: true, force: true })
  }
}

/** From the start of the navigation until findings are listed and listened to; then from a letter to its rows. */
async function openOnce(browser: Browser, path: string) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(String(pathToFileURL(path)))
  await page.waitForSelector('html[data-ready]')
  const interactive = Number(
    await page.evaluate("performance.getEntriesByName('interactive')[0].startTime"),
  )
  const started = performance.now()
  await page.fill('#search', 'volume/vol-00000000000000001')
  await page.waitForURL(/search=/)
  const search = performance.now() - started
  await page.close()
  return { interactive, search }
}

function middle(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)
}
