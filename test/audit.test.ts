import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Output } from '../lib/cli/output.ts'
import { runQuery } from '../lib/cli/query.ts'
import { loadCollectors } from '../lib/collectors/load.ts'
import { conclude } from '../lib/conclude.ts'
import { openLake } from '../lib/lake/lake.ts'
import { renderSummary } from '../lib/report/terminal.ts'
import type { Run } from '../lib/run.ts'
import { joinsRowByRow } from './support/row-by-row.ts'
import {
  type FoundFinding,
  findingsOf,
  NOW,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from './support/simulated.ts'

const PROJECTION = [
  'control_id',
  'status',
  'account_id',
  'region',
  'resource_arn',
  'resource_type',
] as const

type Projected = Record<(typeof PROJECTION)[number], string>

const EXAMPLES = readdirSync(new URL('../queries/examples', import.meta.url)).map((file) =>
  file.replace('.sql', ''),
)

/** One line per finding, sorted: what is compared is a set. */
function lines(findings: readonly Projected[]): string[] {
  return findings.map((found) => PROJECTION.map((key) => found[key]).join(' | ')).sort()
}

/** The slices that a killed audit's journals name. */
async function receiptsOf(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  const journals = names.filter((name) => name.endsWith('.jsonl'))
  const texts = await Promise.all(journals.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.flatMap((text) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const { slice } = JSON.parse(line)
        return `${slice.account_id} ${slice.region} ${slice.collector}`
      }),
  )
}

describe('the demo organization', () => {
  let simulated: SimulatedOrganization
  let lake: string
  let runId: string
  let found: FoundFinding[]

  beforeAll(async () => {
    simulated = await simulate()
    lake = await temporaryFolder()
    runId = (await simulated.audit({ lake })).run_id
    found = await findingsOf(lake, runId)
  })
  afterAll(() => simulated.close())

  test('has at least 12 accounts and 4 Regions', () => {
    expect(simulated.organization.state.accounts.size).toBeGreaterThanOrEqual(12)
    expect(simulated.organization.state.regions.length).toBeGreaterThanOrEqual(4)
  })

  test('has exactly the findings that the simulator planted', () => {
    expect(lines(found)).toEqual(lines(simulated.organization.truth))
  })

  test('is read with every action that the collectors declare, and no other call is refused', async () => {
    const declared = [...(await loadCollectors()).values()].flatMap(
      (collector) => collector.actions,
    )
    const used = [...simulated.simulator.usedActions]
    expect(used).toEqual(expect.arrayContaining(declared))
    // Refused as the story wants it: by SCP, by the role's denials, and where the role is missing.
    const allowed = new Set([...declared, 'account:ListRegions', 'sts:AssumeRole'])
    expect(simulated.simulator.refused.filter((refusal) => !allowed.has(refusal.action))).toEqual(
      [],
    )
  })

  test('is judged by joins on equality, which take as long as there are rows', async () => {
    // Of organizations there is one.
    expect(Object.keys(await joinsRowByRow(lake, runId))).toEqual([
      'snapshots-are-shared-only-with-trusted-accounts',
    ])
  })

  test('was throttled and had a session expire, and lost nothing by it', async () => {
    const summary = JSON.parse(await readFile(join(lake, 'reports', runId, 'summary.json'), 'utf8'))
    expect(summary.throttles).toBeGreaterThan(0)
    expect(summary.retries).toBeGreaterThan(0)
    const causes = new Set(summary.unread.map((unread: { cause: string }) => unread.cause))
    expect([...causes].sort()).toEqual(['denied_iam', 'denied_scp', 'role_missing'])
  })

  test('prints what the README shows', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const summary = JSON.parse(await readFile(join(lake, 'reports', runId, 'summary.json'), 'utf8'))
    const shown = renderSummary(summary, { width: 100, colour: false })
      .split('\n')
      .map((line) => line.trimEnd())
      // How often a call is repeated depends on how calls interleave.
      .filter((line) => !line.includes('API calls'))
    expect(shown.length).toBeGreaterThan(20)
    expect(shown.filter((line) => !readme.includes(line))).toEqual([])
  })

  test.each(EXAMPLES)('answers the example query %s', async (name) => {
    let printed = ''
    const output: Output = {
      print: (text) => {
        printed += text
      },
      note: () => undefined,
      interactive: false,
      colour: false,
      width: 100,
    }
    const query = { query: name, lake, format: 'json' as const }
    expect(await runQuery(query, output, { input: process.stdin })).toBe(0)
    expect(Array.isArray(JSON.parse(printed))).toBe(true)
  })

  test('names the suspended account and scans nothing of it', async () => {
    const suspended = [...simulated.organization.state.accounts.values()].find(
      ({ account }) => account.State === 'SUSPENDED',
    )
    const run = JSON.parse(await readFile(join(lake, 'runs', runId, 'run.json'), 'utf8'))
    const named = run.discovery.accounts.find(
      (account: { account_id: string }) => account.account_id === suspended?.account.Id,
    )
    expect(named.not_audited_reason).toBe('suspended')
    expect(found.filter((finding) => finding.account_id === suspended?.account.Id)).toEqual([])
  })

  test('leaves no e-mail address and no credential in the lake', async () => {
    const { credentials, state } = simulated.organization
    const secrets = [
      credentials.secretAccessKey,
      ...[...state.accounts.values()].flatMap(({ account }) => account.Email ?? []),
    ]
    const files = await readdir(lake, { recursive: true, withFileTypes: true })
    const texts = await Promise.all(
      files
        .filter((file) => file.isFile() && /\.(json|jsonl|csv)$/.test(file.name))
        .map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
    )
    expect(texts.length).toBeGreaterThan(10)
    expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([])
  })

  test('gives identical findings when audited again', async () => {
    const again = await simulated.audit()
    expect(again.run_id).not.toBe(runId)
    expect(await findingsOf(again.lake, again.run_id)).toEqual(found)
  })

  test('gives the same findings when killed in the middle and resumed, collecting only what is missing', async () => {
    const killed = await temporaryFolder()
    const { credentials, externalId, roleName } = simulated.organization
    const task = {
      endpoint: simulated.simulator.url,
      lake: killed,
      credentials,
      external_id: externalId,
      role_name: roleName,
      now: NOW,
      nth: 100,
    }
    const script = new URL('support/killed-audit.ts', import.meta.url).pathname
    const child = spawn(process.execPath, [script, JSON.stringify(task)], { stdio: 'inherit' })
    const [, signal] = await once(child, 'exit')
    expect(signal).toBe('SIGKILL')

    const [interrupted = ''] = await readdir(join(killed, 'runs'))
    const finished = await receiptsOf(join(killed, 'runs', interrupted, 'receipts'))
    const collected: string[] = []
    const resumed = await simulated.audit({
      lake: killed,
      resume: interrupted,
      onProgress(event) {
        if (event.type === 'slice') {
          collected.push(`${event.account_id} ${event.region} ${event.collector}`)
        }
      },
    })
    expect(finished.length).toBeGreaterThanOrEqual(99)
    expect(collected.length).toBeGreaterThan(0)
    expect(collected.filter((name) => finished.includes(name))).toEqual([])
    expect(await findingsOf(killed, resumed.run_id)).toEqual(found)
  })

  test('turns unknown, and nothing else, where an answer is lost', async () => {
    const partial = await temporaryFolder()
    const concludeAgain = async (folder: string, id: string) => {
      const again = openLake(folder)
      const run: Run = JSON.parse(await again.read(`runs/${id}/run.json`))
      await conclude(run, { config: simulated.config, lake: folder, clock: () => NOW })
    }
    const account = found.find((finding) => finding.control_id === 'ebs-volumes-are-encrypted')
    const first = await simulated.audit({ lake: partial })
    const answers = join(partial, 'runs', first.run_id, 'answers')
    const names = await readdir(answers)
    expect(names).toContain(`${account?.account_id}-1-1.json`)
    // A late attempt of an account whose answer stands: it must change nothing.
    const others = names.filter((name) => !name.startsWith(account?.account_id ?? ''))
    const late = JSON.parse(await readFile(join(answers, others[0] ?? ''), 'utf8'))
    const won = await openLake(partial).createIfAbsent(
      `runs/${first.run_id}/answers/${others[0]}`,
      JSON.stringify({ ...late, attempt: 'late', slices: [] }),
    )
    expect(won).toBe(false)

    for (const name of names.filter((file) => file.startsWith(account?.account_id ?? ''))) {
      await rm(join(answers, name))
    }
    await concludeAgain(partial, first.run_id)
    const after = await findingsOf(partial, first.run_id)
    const own = after.filter((finding) => finding.account_id === account?.account_id)
    expect(own.length).toBeGreaterThan(0)
    expect(own.filter((finding) => finding.status !== 'unknown')).toEqual([])
    const elsewhere = after.filter((finding) => finding.account_id !== account?.account_id)
    const before = new Map(found.map((finding) => [finding.finding_id, finding.status]))
    const changed = elsewhere.filter((finding) => before.get(finding.finding_id) !== finding.status)
    expect(changed.filter((finding) => finding.status !== 'unknown')).toEqual([])
  })
})
