import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditResult } from '../../lib/audit.ts'
import { newestRun } from '../../lib/cli/newest-run.ts'
import type { Output } from '../../lib/cli/output.ts'
import { runReport } from '../../lib/cli/report.ts'
import { readPage } from '../support/page.ts'
import {
  type FoundFinding,
  findingsOf,
  NOW,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'

const output: Output = {
  print: () => undefined,
  note: () => undefined,
  interactive: false,
  colour: false,
  width: 100,
}

let stage: SimulatedOrganization
let lake: string
let runs: AuditResult[]
/** Of the first of two runs, told again and again while a third goes on. */
const pages: string[] = []

/** Without what differs from run to run. */
function lines(found: readonly Pick<FoundFinding, 'control_id' | 'status' | 'resource_arn'>[]) {
  return found.map((one) => `${one.control_id} ${one.status} ${one.resource_arn}`).sort()
}

beforeAll(async () => {
  stage = await simulate({ accounts: 3, regions: 2, story: false })
  lake = await temporaryFolder()
  const [first, second] = await Promise.all([stage.audit({ lake }), stage.audit({ lake })])
  let goesOn = true
  const third = stage.audit({ lake, clock: () => new Date(NOW.getTime() + 60_000) }).finally(() => {
    goesOn = false
  })
  while (goesOn) {
    const out = join(lake, `page-${pages.length}.html`)
    await runReport({ lake, run: first.run_id, out }, output)
    pages.push(out)
  }
  runs = [first, second, await third]
})
afterAll(() => stage.close())

test('runs at once in one lake each find all there is', async () => {
  const truth = lines(stage.organization.truth)
  expect(new Set(runs.map(({ run_id }) => run_id)).size).toBe(3)
  for (const { run_id } of runs) expect(lines(await findingsOf(lake, run_id))).toEqual(truth)
})

test('a run that is reported while another goes on has its page as ever', async () => {
  expect(pages.length).toBeGreaterThan(1)
  const [before, ...later] = await Promise.all(pages.map(readPage))
  expect(before?.data.run.run_id).toBe(runs[0]?.run_id)
  for (const page of later) {
    expect(page.findings).toEqual(before?.findings)
    expect(page.data.scores).toEqual(before?.data.scores)
  }
})

test('the newest run is the last one', async () => {
  expect(await newestRun(lake)).toBe(runs[2]?.run_id)
})
