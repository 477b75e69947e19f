import { expect, test } from 'vitest'
import absent from '../../lib/aws/absent-services.json' with { type: 'json' }
import { loadControls } from '../../lib/engine/controls.ts'
import {
  generateOrganization,
  type OrganizationOptions,
  scale,
} from '../../simulator/organization/index.ts'
import { accountWideControls, judgedControls } from '../../simulator/organization/plants.ts'
import { readersControl } from '../../simulator/organization/readers.ts'
import { keyRuinControl, ruinControl } from '../../simulator/organization/ruin.ts'
import { vaultAccessControls } from '../../simulator/organization/vault-access.ts'
import type { ExpectedFinding } from '../../simulator/truth.ts'

const options: OrganizationOptions = {
  seed: 7,
  auditorActions: ['backup:List*', 'kms:DescribeKey'],
  now: new Date('2026-03-01T12:00:00Z'),
}
const generated = generateOrganization(options)
const { state, truth, faults } = generated

/** Controls that judge an account once for all Regions. */
const ofAccounts = new Set<string>([
  ...accountWideControls,
  ruinControl,
  keyRuinControl,
  readersControl,
])

/** Controls of how the organization as a whole is set up: one organization shows one state of it, the cases show the others. */
const ofOrganization = new Set(
  loadControls().flatMap(({ id, spans }) => (spans === 'organization' ? [id] : [])),
)

/** Controls over what the owner of the automatic vault of EFS can change too. */
const accessControls = new Set<string>(vaultAccessControls)

const idOf = (name: string) =>
  [...state.accounts.values()].find(({ account }) => account.Name === name)?.account.Id ?? ''

test('the same seed gives the same organization, another seed another', () => {
  expect(generateOrganization(options)).toEqual(generated)
  expect(generateOrganization({ ...options, seed: 8 }).truth).not.toEqual(truth)
})

test('every finding is on one resource of one cell', () => {
  const ids = truth.map((each) =>
    [each.control_id, each.account_id, each.region, each.resource_arn].join(' '),
  )
  expect(new Set(ids).size).toBe(ids.length)
})

test('every control passes and fails, in several accounts and Regions', () => {
  const byControl = Map.groupBy(truth, ({ control_id }) => control_id)
  expect([...byControl.keys()].sort()).toEqual(judgedControls().sort())
  for (const [control, findings] of byControl) {
    if (ofOrganization.has(control)) {
      const seen = new Set(findings.map(({ status }) => status))
      expect(seen.has('pass') || seen.has('fail'), control).toBe(true)
      continue
    }
    for (const status of ['pass', 'fail'] as const) {
      const such = findings.filter((each) => each.status === status)
      expect(new Set(such.map((each) => each.account_id)).size, control).toBeGreaterThan(1)
      const regions = new Set(such.map((each) => each.region))
      // It judges accounts, and says of Regions only where a backup could not be seen.
      if (ofAccounts.has(control)) expect([...regions], control).toEqual(['global'])
      else expect(regions.size, control).toBeGreaterThan(1)
    }
  }
})

test('it has the size of the demo', () => {
  const regions = Map.groupBy(truth, ({ account_id }) => account_id)
  const wide = [...regions.values()].filter(
    (findings) => new Set(findings.map(({ region }) => region)).size >= 4,
  )
  expect(wide.length).toBeGreaterThanOrEqual(12)
  const perControl = truth.length / judgedControls().length
  expect(perControl).toBeGreaterThan(40)
  expect(perControl).toBeLessThan(250)
})

test.each([1, 2, 3, 99])('it stays whole with seed %i', (seed) => {
  const other = generateOrganization({ ...options, seed })
  const controls = new Set(other.truth.map(({ control_id }) => control_id))
  expect([...controls].sort()).toEqual(judgedControls().sort())
  const ids = other.truth.map((each) => JSON.stringify({ ...each, status: null }))
  expect(new Set(ids).size).toBe(ids.length)
})

test('what cannot be entered or read is unknown, once per control and scope', () => {
  const of = (name: string, region?: string): ExpectedFinding[] =>
    truth.filter((each) => each.account_id === idOf(name) && (!region || each.region === region))
  expect(of('decommissioned-web')).toEqual([])
  expect(of('legacy-erp-prod')).toHaveLength(judgedControls().length - ofOrganization.size)
  expect(of('legacy-erp-prod', 'global').every(({ status }) => status === 'unknown')).toBe(true)
  const fenced = of('analytics-test', 'eu-central-1')
  expect(fenced.every(({ status }) => status === 'unknown')).toBe(true)
  // The buckets of a Region that is fenced off are listed all the same: nothing else of it is seen.
  const unseen = fenced.filter(
    ({ resource_type, resource_arn }) =>
      resource_type !== 'AwsS3Bucket' && !resource_arn.endsWith('/backup-opt-in/S3'),
  )
  const ofRegions = judgedControls().filter((control) => !accountWideControls.has(control))
  expect(unseen).toHaveLength(ofRegions.length)
  const denied = of('payments-test', 'eu-west-1')
  const scopes = denied.filter(({ resource_arn }) => /^AWS::::Account:\d+$/.test(resource_arn))
  expect(scopes.filter(({ status }) => status === 'unknown')).toHaveLength(
    judgedControls('backup').length,
  )
  expect(denied.some(({ control_id }) => control_id === 'backup-keys-are-usable')).toBe(true)
  expect(denied.some(({ resource_type }) => resource_type === 'AwsBackupRecoveryPoint')).toBe(false)
})

test('vaults count their points, and the empty Default vault is not judged', () => {
  for (const { cells } of state.accounts.values())
    for (const { backup } of cells.values())
      for (const vault of backup.vaults)
        expect(vault.NumberOfRecoveryPoints).toBe(
          backup.recoveryPoints.get(vault.BackupVaultName ?? '')?.length ?? 0,
        )
  const vaults = truth.filter(
    ({ resource_type, control_id }) =>
      resource_type === 'AwsBackupBackupVault' && !accessControls.has(control_id),
  )
  expect(vaults.some(({ resource_arn }) => /:(Default|aws\/efs.*)$/.test(resource_arn))).toBe(false)
  expect(vaults.some(({ resource_arn }) => resource_arn.endsWith(':central-replica'))).toBe(true)
})

test('resources lie only in Regions that are switched on', () => {
  for (const { account, cells, enabledRegions } of state.accounts.values())
    for (const region of cells.keys())
      expect(enabledRegions.has(region), `${account.Name} ${region}`).toBe(true)
  expect(state.regions[0]).toEqual({ name: 'us-east-1', optIn: false })
  expect(state.regions.some(({ optIn }) => optIn)).toBe(true)
  expect(faults.map(({ kind }) => kind)).toContain('expired_token')
})

test('nothing is planted where AWS does not offer the service', () => {
  const wide = generateOrganization(scale({ ...options, accounts: 20, regions: 28 }))
  const held = [...wide.state.accounts.values()].flatMap(({ cells }) =>
    [...cells].flatMap(([region, { more }]) =>
      [...more].flatMap(([name, state]) => (isEmpty(state) ? [] : { name, region })),
    ),
  )
  for (const [service, regions] of Object.entries(absent)) {
    const of = held.filter(({ name }) => name === service)
    expect(of.length, service).toBeGreaterThan(0)
    expect(of.filter(({ region }) => regions.includes(region))).toEqual([])
  }
})

/** Whether a service's state holds nothing at all. */
function isEmpty(state: unknown): boolean {
  return Object.values(state as object).every((part) => Array.isArray(part) && part.length === 0)
}

test('a large organization has no special cases', () => {
  const large = generateOrganization(scale({ ...options, accounts: 20, regions: 17 }))
  expect(large.state.accounts.size).toBe(20)
  expect(large.faults).toEqual([])
  expect(large.truth.filter(({ status }) => status === 'unknown')).toEqual([])
})
