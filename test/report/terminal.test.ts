import { expect, test } from 'vitest'
import { visible } from '../../lib/report/grid.ts'
import type { Summary } from '../../lib/report/summary.ts'
import { renderSummary } from '../../lib/report/terminal.ts'

const ESCAPE = String.fromCharCode(27)
const HOSTILE = `${ESCAPE}[2J${ESCAPE}]0;owned${String.fromCharCode(7)}\r\nscore 100%\u202e`

const nothing = { pass: 0, fail: 0, unknown: 0, waived: 0 }

const hostile: Summary = {
  run_id: '20261123T080000Z-abcdef',
  started_at: '2026-11-23T08:00:00.000Z',
  finished_at: '2026-11-23T08:00:01.500Z',
  as_of: '2026-11-23T08:00:00.000Z',
  accounts: 1,
  not_audited: [{ account_id: '222233334444', name: HOSTILE, reason: 'suspended' }],
  regions: 1,
  cells: {
    total: 1,
    complete: 0,
    empty: 0,
    partial: 1,

    unread: 0,
    not_applicable: 0,
    not_requested: 0,
  },
  api_calls: 10,
  retries: 1,
  throttles: 0,
  findings: { ...nothing, fail: 1 },
  by_severity: { high: { ...nothing, fail: 1 } },
  by_control: {},
  score: { value: 0.5, low: 0.25, high: 0.75 },
  coverage: 0.9,
  worst_controls: [
    { id: 'a-control', name: HOSTILE, value: 0, low: 0, high: 0, fail: 1, unknown: 0 },
  ],
  worst_accounts: [
    { id: '111122223333', name: HOSTILE, value: 0, low: 0, high: 0, fail: 1, unknown: 0 },
  ],
  waivers: [],
  unread: [
    {
      account_id: '111122223333',
      account_name: HOSTILE,
      region: 'eu-central-1',
      what: `arn:aws:kms:${HOSTILE}`,
      cause: 'denied_iam',
      detail: HOSTILE,
    },
  ],
}

/** Everything that is a command to a terminal; the line break is how the summary is laid out. */
const COMMANDS = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u

test.each([20, 60, 80, 200])('a hostile name stays text at %d columns', (width) => {
  const rendered = renderSummary(hostile, { width, colour: false })
  expect(rendered).not.toMatch(COMMANDS)
  expect(rendered).toContain('\\u001b[2J')
  expect(rendered).not.toMatch(/^score 100%/m)
})

test('colours are the only commands where they are wanted', () => {
  const rendered = renderSummary(hostile, { width: 80, colour: true })
  const colour = new RegExp(`${ESCAPE}\\[\\d+m`, 'g')
  expect(rendered).toMatch(colour)
  expect(rendered.replaceAll(colour, '')).not.toMatch(COMMANDS)
})

test.each([60, 80, 120])('no line of a table is wider than %d columns', (width) => {
  const lines = renderSummary(hostile, { width, colour: false }).split('\n')
  const tables = lines.filter((line) => /^(111122223333|a-control|control|account)/.test(line))
  expect(tables.length).toBeGreaterThan(3)
  expect(tables.filter((line) => line.trimEnd().length > width)).toEqual([])
})

test('control characters are shown by their number', () => {
  expect(visible(`a${ESCAPE}b\nc\u202ed`)).toBe('a\\u001bb\\u000ac\\u202ed')
  expect(visible('données-日本語-🔐')).toBe('données-日本語-🔐')
})
