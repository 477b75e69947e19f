import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Summary } from '../../lib/report/summary.ts'
import type { CellState } from '../../simulator/state.ts'
import { simulate, temporaryFolder } from '../support/simulated.ts'
import { python, strongroom } from './peers.ts'

interface Read {
  ocsf: { events: number; classes: string[]; problems: unknown[]; refuses_another: boolean }
  junit: Record<string, number>
  csv: { rows: number; widths: number[]; formulas: string[] }
}

describe('other people’s readers take what strongroom exports', () => {
  let summary: Summary
  let read: Read

  beforeAll(async () => {
    const lake = await temporaryFolder()
    const simulated = await simulate({ accounts: 6, regions: 2 })
    for (const { cells } of simulated.organization.state.accounts.values()) {
      const cell = cells.get('us-east-1') as CellState
      const VolumeId = '=HYPERLINK("http://evil.example")<b>&'
      cell.ec2.volumes.push({ VolumeId, Encrypted: false, State: 'in-use', Size: 8 })
    }
    const waiver = { resource: '*', owner: 'me', reason: 'agreed', expires: '2027-01-01' }
    const waivers = [{ control: 'ebs-default-key-is-approved', ...waiver }]
    const [last] = [...simulated.organization.state.accounts.values()].slice(-1)
    if (last) last.roles = []
    summary = (await simulated.audit({ lake, config: { ...simulated.config, waivers } })).summary
    await simulated.close()
    const files = ['ocsf', 'junit', 'csv'].map((format) => ({ format, out: join(lake, format) }))
    for (const { format, out } of files) {
      const { code, stderr } = await strongroom(
        ['export', format, '--lake', lake, '--out', out],
        {},
      )
      expect(stderr).toBe('')
      expect(code).toBe(0)
    }
    read = await python<Read>(
      'exports.py',
      files.map(({ out }) => out),
    )
  })

  const total = () => Object.values(summary.findings).reduce((sum, count) => sum + count)

  it('has OCSF events that the published schema of their class accepts, every one', () => {
    expect(total()).toBeGreaterThan(500)
    expect(read.ocsf).toEqual({
      events: total(),
      classes: ['compliance_finding'],
      problems: [],
      refuses_another: true,
    })
  })

  it('has JUnit tests with the outcomes of the run', () => {
    const { pass, fail, unknown, waived } = summary.findings
    expect(Math.min(pass, fail, unknown, waived)).toBeGreaterThan(0)
    expect(read.junit).toEqual({ Passed: pass, Failure: fail, Error: unknown, Skipped: waived })
  })

  it('has CSV without a cell that a spreadsheet takes for a formula', () => {
    expect(read.csv).toEqual({ rows: total(), widths: [10], formulas: [] })
  })
})
