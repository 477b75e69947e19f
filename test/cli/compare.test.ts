import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runDiff, runTrend } from '../../lib/cli/compare.ts'
import { families } from '../../lib/config/fail-on.ts'
import type { Diff } from '../../lib/report/diff.ts'
import type { Summary } from '../../lib/report/summary.ts'
import { renderSummary } from '../../lib/report/terminal.ts'
import type { CellState } from '../../simulator/state.ts'
import { findingsOf, NOW, simulate, temporaryFolder } from '../support/simulated.ts'

const CONTROL = 'ebs-volumes-are-encrypted'
const HERE = 'us-east-1'

let lake: string
/** Whole; an hour later with changes; then one account alone. */
const runs: string[] = []
let changed: string
let denied: string
let summary: Summary

beforeAll(async () => {
  lake = await temporaryFolder()
  const simulated = await simulate({ accounts: 4, regions: 2, story: false })
  const { state } = simulated.organization
  const [, one = '', another = ''] = state.accounts.keys()
  changed = one
  denied = another
  const cell = state.accounts.get(changed)?.cells.get(HERE) as CellState
  const put = (id: string, Encrypted: boolean) =>
    cell.ec2.volumes.push({ VolumeId: id, Encrypted, State: 'in-use', Size: 8 })
  put('vol-broken', true)
  put('vol-mended', false)
  put('vol-deleted', false)
  put('vol-same', false)
  const at = (hours: number) => ({ lake, clock: () => new Date(NOW.getTime() + hours * 3_600_000) })
  runs.push((await simulated.audit(at(0))).run_id)

  const volumes = cell.ec2.volumes.filter(({ VolumeId }) => VolumeId !== 'vol-deleted')
  cell.ec2.volumes = volumes
  for (const volume of volumes) {
    if (volume.VolumeId === 'vol-broken') volume.Encrypted = false
    if (volume.VolumeId === 'vol-mended') volume.Encrypted = true
  }
  put('vol-new', false)
  const account = state.accounts.get(denied)
  if (account) account.roles = []
  runs.push((await simulated.audit(at(1))).run_id)

  const agreed = { control: CONTROL, owner: 'storage', account: changed }
  const waivers = [
    { ...agreed, resource: '*/vol-sa?e', reason: 'scratch', expires: '2027-01-01' },
    { ...agreed, resource: '*/vol-new', reason: 'for a while', expires: '2026-11-23' },
    { ...agreed, resource: '*/vol-gone', reason: 'long ago', expires: '2027-01-01' },
  ]
  const config = { ...simulated.config, accounts: [changed], waivers }
  const third = await simulated.audit({ ...at(2), config })
  runs.push(third.run_id)
  summary = third.summary
  await simulated.close()
}, 120_000)

let printed = ''
let noted = ''
const output = {
  print: (text: string) => {
    printed += text
  },
  note: (line: string) => {
    noted += `${line}\n`
  },
  interactive: false,
  colour: false,
  width: 120,
}
afterAll(() => {
  printed = ''
})

const flags = { format: 'json', all: false } as const

async function diffBetween(earlier: number, later: number): Promise<Diff> {
  printed = ''
  const between = { earlier: runs[earlier] ?? '', later: runs[later] ?? '' }
  expect(await runDiff({ ...flags, lake, ...between }, output)).toBe(0)
  return JSON.parse(printed)
}

function changeOf(diff: Diff, volume: string): string[] {
  return diff.differences
    .filter(
      ({ control_id, resource_arn }) => control_id === CONTROL && resource_arn.endsWith(volume),
    )
    .map(({ change }) => change)
}

describe('diff', () => {
  test('tells what broke, was mended, came and went', async () => {
    const diff = await diffBetween(0, 1)
    expect(changeOf(diff, 'vol-broken')).toEqual(['newly_failing'])
    expect(changeOf(diff, 'vol-mended')).toEqual(['fixed'])
    expect(changeOf(diff, 'vol-new')).toEqual(['appeared'])
    expect(changeOf(diff, 'vol-deleted')).toEqual(['vanished'])
    expect(changeOf(diff, 'vol-same')).toEqual([])
  })

  test('takes what could not be read for newly unread, never for vanished', async () => {
    const diff = await diffBetween(0, 1)
    const ofDenied = diff.differences.filter(({ account_id }) => account_id === denied)
    const before = (await findingsOf(lake, runs[0] ?? '')).filter(
      ({ account_id, region }) => account_id === denied && region !== 'global',
    )
    expect(before.length).toBeGreaterThan(5)
    expect(new Set(ofDenied.map(({ change }) => change))).toEqual(new Set(['newly_unread']))
    const told = new Set(ofDenied.map(({ finding_id }) => finding_id))
    expect(before.filter(({ finding_id }) => !told.has(finding_id))).toEqual([])
    const back = await diffBetween(1, 0)
    const returned = back.differences.filter(({ account_id }) => account_id === denied)
    expect(new Set(returned.map(({ change }) => change))).toEqual(
      new Set(['newly_read', 'newly_failing']),
    )
  })

  test('counts every finding of both runs once', async () => {
    const [before, after] = [
      await findingsOf(lake, runs[0] ?? ''),
      await findingsOf(lake, runs[1] ?? ''),
    ]
    const { differences, unchanged } = await diffBetween(0, 1)
    const both = differences.filter(({ before: was, after: is }) => was !== null && is !== null)
    const alone = differences.length - both.length
    expect(2 * (unchanged + both.length) + alone).toBe(before.length + after.length)
  })

  test('does not compare what a run of one account left out', async () => {
    const diff = await diffBetween(1, 2)
    const others = diff.differences.filter(({ account_id }) => account_id !== changed)
    expect(others.length).toBeGreaterThan(5)
    expect(new Set(others.map(({ change }) => change))).toEqual(new Set(['not_compared']))
    expect(diff.counts.vanished).toBe(0)
  })

  test('ends with 1 where something fails that did not', async () => {
    const between = { earlier: runs[0] ?? '', later: runs[1] ?? '' }
    const [high, same] = [
      await runDiff({ ...flags, lake, ...between, failOn: 'high' }, output),
      await runDiff({ ...flags, lake, ...between, later: between.earlier, failOn: 'low' }, output),
    ]
    expect([high, same]).toEqual([1, 0])
  })

  test('holds families to thresholds of their own, by flags or by a configuration', async () => {
    const between = { earlier: runs[0] ?? '', later: runs[1] ?? '' }
    const { differences } = await diffBetween(0, 1)
    const fails = differences.filter(({ after, before }) => after === 'fail' && before !== 'fail')
    const [{ family = '' } = {}] = fails
    const others = new Set(fails.map((one) => one.family))
    const spared = families.find((name) => !others.has(name)) ?? ''
    const file = join(await temporaryFolder(), 'strongroom.yaml')
    await writeFile(file, `lake: ${lake}\nfail_on:\n  ${family}: low\n`)
    noted = ''
    expect(await runDiff({ ...flags, ...between, config: file }, output)).toBe(1)
    const count = fails.filter((one) => one.family === family).length
    expect(noted).toBe(`--fail-on is met: ${family} has ${count} that fail at low or higher\n`)
    const failOn = { [spared]: 'low' } as const
    expect(await runDiff({ ...flags, ...between, config: file, failOn }, output)).toBe(0)
  })

  test('is read in a terminal, and as CSV', async () => {
    const between = { earlier: runs[0] ?? '', later: runs[1] ?? '' }
    printed = ''
    await runDiff({ ...flags, ...between, lake, format: 'table' }, output)
    expect(printed).toMatch(/Newly failing: \d/)
    expect(printed).toContain('vol-broken')
    expect(printed).toContain('pass → fail')
    printed = ''
    await runDiff({ ...flags, ...between, lake, format: 'csv' }, output)
    expect(printed.split('\n')[0]).toMatch(/^change,control_id,severity,/)
  })

  test('refuses a run that is not there', async () => {
    const between = { earlier: '20200101T000000Z-000000', later: runs[1] ?? '' }
    await expect(runDiff({ ...flags, lake, ...between }, output)).rejects.toThrow(/there is no run/)
    await expect(
      runDiff({ ...flags, lake, ...between, earlier: "x' or 1" }, output),
    ).rejects.toThrow(/not a run id/)
  })
})

describe('trend', () => {
  test('has a point for each whole run, and the score that the run had', async () => {
    printed = ''
    await runTrend({ lake, format: 'json' }, output)
    const points: { run_id: string; fail: number }[] = JSON.parse(printed)
    expect(points.map(({ run_id }) => run_id)).toEqual(runs.slice(0, 2).concat(runs[2] ?? ''))
    const failing = (await findingsOf(lake, runs[0] ?? '')).filter(
      ({ status }) => status === 'fail',
    )
    expect(points[0]?.fail).toBe(failing.length)
  })

  test('is read in a terminal, for an account too', async () => {
    printed = ''
    await runTrend({ lake, account: changed, format: 'table' }, output)
    expect(printed).toContain(runs[1])
    expect(printed).toMatch(/█/)
    await expect(
      runTrend({ lake, account: '999999999999', format: 'table' }, output),
    ).rejects.toThrow(/no run/)
  })
})

describe('waivers', () => {
  test('are summed up with what they fit, expired and unused ones too', () => {
    expect(
      summary.waivers.map(({ reason, expired, findings }) => ({ reason, expired, findings })),
    ).toEqual([
      { reason: 'scratch', expired: false, findings: 1 },
      { reason: 'for a while', expired: true, findings: 1 },
      { reason: 'long ago', expired: false, findings: 0 },
    ])
    expect(summary.findings.waived).toBe(1)
  })

  test('that ended or fit nothing are named in the terminal', () => {
    const shown = renderSummary(summary, { width: 100, colour: false })
    expect(shown).toContain('for a while), on 2026-11-23; 1 fail again')
    expect(shown).toContain('(storage: long ago)')
    expect(shown).not.toContain('(storage: scratch)')
  })

  test('make a waived finding of a failing one', async () => {
    const diff = await diffBetween(1, 2)
    expect(changeOf(diff, 'vol-same')).toEqual(['waived'])
    expect(changeOf(await diffBetween(2, 1), 'vol-same')).toEqual(['newly_failing'])
  })
})
