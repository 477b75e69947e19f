import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { runReport } from '../../lib/cli/report.ts'
import type { Summary } from '../../lib/report/summary.ts'
import { simulate, temporaryFolder } from '../support/simulated.ts'
import { openBrowser } from './chromium.ts'
import { root } from './peers.ts'

const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8')

let browser: Browser
let lake: string
let file: string
let summary: Summary
let page: Page
let trouble: string[] = []

beforeAll(async () => {
  browser = await openBrowser()
  const simulated = await simulate()
  lake = await temporaryFolder()
  const result = await simulated.audit({ lake })
  await simulated.close()
  summary = result.summary
  file = join(lake, 'reports', result.run_id, 'report.html')
}, 300_000)
afterAll(() => browser?.close())

afterEach(async () => {
  await page?.context().close()
  expect(trouble).toEqual([])
  trouble = []
})

/** Opens the page; whatever it fetches, logs or opens is trouble. */
async function open(path = file, hash = '', options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  page = await context.newPage()
  page.on('pageerror', (error) => trouble.push(String(error)))
  page.on('console', (message) => trouble.push(message.text()))
  page.on('dialog', (dialog) => trouble.push(`dialog: ${dialog.message()}`))
  page.on('request', (request) => {
    if (!/^(file|blob|data):/.test(request.url())) trouble.push(`fetches ${request.url()}`)
  })
  await page.goto(`${pathToFileURL(path)}${hash}`)
  await page.waitForSelector('html[data-ready]')
  return page
}

const counted = () => page.locator('#findings-count').innerText()
const numberOf = (n: number) => n.toLocaleString('en-US')
const total = () => Object.values(summary.findings).reduce((sum, n) => sum + n)
const focusedRow = () => page.evaluate('Number(document.activeElement?.dataset.index)')
const rows = () => page.locator('.findings tbody tr:not(.spacer)')

describe('the page', () => {
  test('shows the score with its bounds, and what was read', async () => {
    await open()
    const overview = await page.locator('#overview').innerText()
    for (const share of [summary.score.low, summary.score.high, summary.coverage]) {
      expect(overview).toContain(`${((share ?? 0) * 100).toFixed(1)}%`)
    }
    expect(overview).toContain(((summary.score.value ?? 0) * 100).toFixed(1))
    expect(overview).toContain(`${summary.cells.unread} not read`)
  })

  test('shows cells that were not read as such, in words and not in colour alone', async () => {
    await open()
    const row = page.locator('.heat tr', { hasText: 'legacy-erp-prod' })
    const cells = row.locator('td.heat-unread a')
    expect(await cells.count()).toBeGreaterThan(5)
    expect(await cells.first().innerText()).toBe('?')
    expect(await cells.first().getAttribute('aria-label')).toContain('not read')
    const paint = await page.evaluate(
      "getComputedStyle(document.querySelector('td.heat-unread')).backgroundImage",
    )
    expect(paint).toContain('repeating-linear-gradient')
  })

  test('filters by status, severity, family and words, and says so in its address', async () => {
    await open()
    const { fail, pass } = summary.findings
    await expect.poll(() => counted()).toBe(`${numberOf(total())} of ${numberOf(total())} findings`)
    await page.click('.chip-fail')
    await expect.poll(() => counted()).toMatch(`${numberOf(fail)} of`)
    await page.click('.chip-critical')
    await expect
      .poll(() => counted())
      .toMatch(`${numberOf(summary.by_severity.critical?.fail ?? 0)} of`)
    await page.click('.chip-critical')
    await page.click('.chip-fail')
    await page.click('.chip-pass')
    await expect.poll(() => counted()).toMatch(`${numberOf(pass)} of`)
    await page.click('#reset')
    await page.selectOption('#filter-control', 'backup-keys-are-usable')
    const tally = summary.by_control['backup-keys-are-usable']
    const judged = (tally?.fail ?? 0) + (tally?.pass ?? 0) + (tally?.unknown ?? 0)
    await expect.poll(() => counted()).toMatch(`${numberOf(judged)} of`)
    await page.fill('#search', 'PendingDeletion analytics-prod eu-west-1')
    await page.waitForURL(/search=/)
    await expect.poll(() => rows().count()).toBe(1)
    const address = page.url()
    await open(file, new URL(address).hash)
    await expect.poll(() => rows().count()).toBe(1)
    await expect
      .poll(() => page.inputValue('#search'))
      .toBe('PendingDeletion analytics-prod eu-west-1')
  })

  test('finds nothing where there is nothing, and comes back', async () => {
    await open()
    await page.fill('#search', 'no such resource')
    await page.waitForURL(/search=/)
    await expect.poll(() => counted()).toMatch(/^0 of/)
    await expect.poll(() => rows().count()).toBe(0)
    await page.click('#reset')
    await expect.poll(() => rows().count()).toBeGreaterThan(5)
  })

  test('leads from an account’s cell to its findings, to its unit, and back', async () => {
    await open()
    await page.click('.heat a[aria-label^="analytics-prod, keys:"]')
    await expect.poll(() => page.locator('h1').innerText()).toBe('analytics-prod')
    await expect.poll(() => page.inputValue('#filter-family')).toBe('keys')
    expect(await page.locator('.findings td.c-account').first().innerText()).toContain(
      'analytics-prod',
    )
    expect(await page.locator('.heat tbody tr').count()).toBeLessThanOrEqual(2)
    await page.click('nav.crumbs a:has-text("Production")')
    await expect.poll(() => page.locator('h1').innerText()).toBe('Production ou-ab12-prodwork')
    expect(await page.locator('.heat').innerText()).toContain('orders-prod')
    expect(await page.locator('.heat').innerText()).not.toContain('sandbox-dev')
    await page.goBack()
    await expect.poll(() => page.locator('h1').innerText()).toBe('analytics-prod')
    await page.click('.wordmark')
    await expect.poll(() => page.locator('h1').innerText()).toBe('Backups of the organization')
  })

  test('opens a control to its rationale, remediation and resources', async () => {
    await open()
    const control = page.locator('.controls tbody', { hasText: 'redshift-snapshots-are-encrypted' })
    await control.locator('.twist-text').click()
    const text = await control.innerText()
    expect(text).toContain('Why it matters')
    expect(text).toContain('What to do')
    const link = control.locator('.resources a.arn').first()
    expect(await link.getAttribute('href')).toMatch(
      /^https:\/\/([a-z0-9-]+\.)?console\.aws\.amazon\.com\//,
    )
    expect(await link.getAttribute('rel')).toContain('noopener')
    await control.locator('a.more').click()
    await expect
      .poll(() => page.inputValue('#filter-control'))
      .toBe('redshift-snapshots-are-encrypted')
  })

  test('is walked by the keyboard: row by row, into a finding and out again', async () => {
    await open()
    await page.keyboard.press('/')
    expect(await page.evaluate('document.activeElement?.id')).toBe('search')
    await page.locator('.findings tbody button[tabindex="0"]').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('PageDown')
    expect(await focusedRow()).toBeGreaterThan(5)
    await page.keyboard.press('End')
    expect(await focusedRow()).toBe(total() - 1)
    await page.keyboard.press('Enter')
    expect(await page.locator('#detail[open] h2').innerText()).not.toBe('')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('#detail[open]').count()).toBe(0)
  })

  test('draws only the rows that are looked at', async () => {
    await open()
    expect(total()).toBeGreaterThan(1000)
    await expect.poll(() => rows().count()).toBeLessThan(60)
    await page.locator('.window').evaluate((window) => window.scrollTo(0, window.scrollHeight))
    await page.waitForSelector(`.findings tr[aria-rowindex="${total() + 1}"]`)
    await expect.poll(() => rows().count()).toBeLessThan(60)
  })

  test('sorts by a column, and says which', async () => {
    await open()
    await page.click('.findings th.c-region button')
    await expect
      .poll(() => page.locator('.findings th.c-region').getAttribute('aria-sort'))
      .toBe('ascending')
    const first = await page.locator('.findings td.c-region').first().innerText()
    await page.click('.findings th.c-region button')
    await expect
      .poll(() => page.locator('.findings td.c-region').first().innerText())
      .not.toBe(first)
  })

  test('is light or dark as the system is, or as the reader wants', async () => {
    const paint = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    await open()
    const light = await paint()
    await page.emulateMedia({ colorScheme: 'dark' })
    const dark = await paint()
    expect(dark).not.toBe(light)
    await page.click('#theme')
    await expect.poll(() => page.locator('#theme').innerText()).toMatch(/Light$/)
    expect(await paint()).toBe(light)
    await page.click('#theme')
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await paint()).toBe(dark)
  })

  test('prints on white, without what only a screen can do', async () => {
    await open(file, '', { colorScheme: 'dark' })
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.filters').isVisible()).toBe(false)
    expect(await page.locator('.bar').isVisible()).toBe(false)
    await expect.poll(() => rows().count()).toBe(100)
    expect(await page.locator('.on-paper').innerText()).toContain('findings.csv has them all')
    const ink = await page.evaluate('getComputedStyle(document.body).color')
    expect(ink).toBe('rgb(27, 30, 35)')
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await page.emulateMedia({ media: 'screen' })
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    await expect.poll(() => rows().count()).toBeLessThan(60)
  })

  test('shows hostile names as text', async () => {
    await open()
    const scripts = await page.evaluate('document.scripts.length')
    await page.fill('#search', '<script>alert')
    await page.waitForURL(/search=/)
    await expect
      .poll(() => page.locator('.findings td.c-reason').first().innerText())
      .toContain('<script>alert(1)')
    await page.locator('.findings tbody button').first().click()
    expect(await page.locator('#detail .seen').innerText()).toContain('<script>alert(1)')
    expect(await page.evaluate('document.scripts.length')).toBe(scripts)
  })

  test('hands over the rows on view, as findings.csv has them', async () => {
    await open()
    await page.click('.chip-unknown')
    await expect.poll(() => counted()).toMatch(`${numberOf(summary.findings.unknown)} of`)
    const csv = await downloaded('#download-csv')
    const stored = await readFile(join(file, '..', 'findings.csv'), 'utf8')
    const [header, ...lines] = stored.trimEnd().split('\n')
    const unknown = lines.filter((line) => /^[\w-]+,unknown,/.test(line))
    expect(csv.trimEnd().split('\n')[0]).toBe(header)
    expect(csv.trimEnd().split('\n').slice(1).sort()).toEqual(unknown.sort())
    const json: unknown[] = JSON.parse(await downloaded('#download-json'))
    expect(json).toHaveLength(unknown.length)
  })

  test('of an owner shows the owner’s account and no other', async () => {
    const out = join(await temporaryFolder(), 'own.html')
    const output = {
      print: () => undefined,
      note: () => undefined,
      interactive: false,
      colour: false,
      width: 100,
    }
    await runReport({ lake, account: '416642184928', out }, output)
    await open(out)
    await expect.poll(() => page.locator('h1').innerText()).toBe('orders-prod')
    const text = await page.locator('main').innerText()
    expect(text).not.toContain('sandbox-dev')
    await open(out, '#/account/319638806767')
    await expect.poll(() => page.locator('h1').innerText()).toBe('orders-prod')
  })
})

describe('axe finds nothing to object to', () => {
  test.each([
    [1440, 'light', ''],
    [1440, 'dark', ''],
    [390, 'light', ''],
    [768, 'dark', '#/account/835551644489?status=fail'],
  ] as const)('at %d pixels, %s, %s', async (width, colorScheme, hash) => {
    await open(file, hash, { viewport: { width, height: 900 }, colorScheme })
    await page.click('.controls .twist-text')
    await page.evaluate(axe)
    expect(await violations('document')).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await page.locator('.findings tbody button').first().click()
    expect(await violations('document.querySelector("#detail")')).toEqual([])
  })
})

async function violations(place: string): Promise<string[]> {
  const results = (await page.evaluate(`axe.run(${place})`)) as AxeResults
  return results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
  )
}

async function downloaded(button: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)])
  return readFile(await download.path(), 'utf8')
}
