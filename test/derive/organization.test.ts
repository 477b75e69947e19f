import { expect, test } from 'vitest'
import type { Answer, Slice } from '../../lib/collect/answer.ts'
import { listAnswers } from '../../lib/collect/run-answers.ts'
import organizationPolicies from '../../lib/collectors/organization-policies.ts'
import { loadConfig } from '../../lib/config/load.ts'
import { defineDerivation } from '../../lib/derive/derivation.ts'
import { deriveAccounts, isDerived, sharedSlices } from '../../lib/derive/derive-accounts.ts'
import { openLake } from '../../lib/lake/lake.ts'
import { writeParquet } from '../../lib/lake/parquet.ts'
import { defineTable, string } from '../../lib/lake/table.ts'
import { allAnswers } from '../support/all-answers.ts'
import { NOW, temporaryFolder } from '../support/simulated.ts'

const CALLER = '111111111111'
const MEMBER = '222222222222'
const OBJECT = 'staging/run/org_policies/one.parquet'

const tables = { names: defineTable('Names of policies.', { name: string('Name.') }) }

/** In each Region, what the organization has. */
const names = defineDerivation({
  service: 'derive',
  scope: 'cell',
  reads: ['org_policies'],
  tables,
  derive(cell) {
    cell.needs('names', ['org_policies'])
    for (const { name } of cell.rows('org_policies')) cell.put('names', { name: String(name) })
  },
})

function answerOf(account_id: string, unit: string, slice: Partial<Slice>): Answer {
  const at = NOW.toISOString()
  const counters = { calls: 0, retries: 0, throttles: 0 }
  const read = { status: 'complete' as const, cause: null, detail: null, transient: false }
  const held: Slice = {
    ...{ account_id, region: 'global', collector: 'iam', attempt: 'a', ...read, ...counters },
    ...{ started_at: at, finished_at: at, rows: {}, objects: {}, gaps: [], ...slice },
  }
  return { run_id: 'run', unit, pass: 1, attempt: 'a', account_id, lost: false, slices: [held] }
}

async function derive(answers: Answer[]) {
  const lake = openLake(await temporaryFolder())
  const scope = { account_id: CALLER, region: 'global', observed_at: NOW }
  const { org_policies } = organizationPolicies.tables
  await writeParquet(org_policies, lake.path(OBJECT), [{ ...scope, arn: 'arn', name: 'guard' }])
  for (const answer of answers) {
    await lake.write(`runs/run/answers/${answer.unit}-1.json`, JSON.stringify(answer))
  }
  const collected = await listAnswers(lake, 'run')
  const collectors = new Map([['organization-policies', organizationPolicies]])
  await deriveAccounts(collected, {
    shared: sharedSlices(await collected.of(CALLER), collectors),
    pass: 1,
    runId: 'run',
    asOf: NOW,
    partition: 'aws',
    regions: ['eu-west-1'],
    organization: { id: undefined, managementAccount: undefined, paths: new Map() },
    config: await loadConfig(undefined, {}),
    lake,
    collectors,
    derivations: new Map([['names', names]]),
    clock: () => NOW,
  })
  const all = await allAnswers(lake, 'run')
  return all
    .filter(({ unit }) => isDerived(unit))
    .flatMap(({ slices }) => slices)
    .map(({ account_id, region, status, cause, rows }) => [account_id, region, status, cause, rows])
}

const policies = (slice: Partial<Slice>) =>
  answerOf(CALLER, `${CALLER}-organization`, { collector: 'organization-policies', ...slice })

test('every account derives from what was asked once for the organization', async () => {
  const own = [answerOf(CALLER, `${CALLER}-1`, {}), answerOf(MEMBER, `${MEMBER}-1`, {})]
  const read = policies({ objects: { org_policies: OBJECT } })
  expect(await derive([...own, read])).toEqual([
    [CALLER, 'eu-west-1', 'complete', null, { names: 1 }],
    [MEMBER, 'eu-west-1', 'complete', null, { names: 1 }],
  ])
})

test('what of the organization was not read is missing in every account', async () => {
  const own = [answerOf(MEMBER, `${MEMBER}-1`, {})]
  const denied = policies({ status: 'unread', cause: 'denied_iam', detail: 'no' })
  expect(await derive([...own, denied])).toEqual([
    [MEMBER, 'eu-west-1', 'unread', 'denied_iam', {}],
  ])
  expect(await derive(own)).toEqual([[MEMBER, 'eu-west-1', 'unread', 'lost', {}]])
})

test('the caller’s own account is not derived where it is not audited', async () => {
  const read = policies({ objects: { org_policies: OBJECT } })
  expect(await derive([answerOf(MEMBER, `${MEMBER}-1`, {}), read])).toEqual([
    [MEMBER, 'eu-west-1', 'complete', null, { names: 1 }],
  ])
})
