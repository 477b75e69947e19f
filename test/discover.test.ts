import { afterEach, expect, test } from 'vitest'
import { loadConfig } from '../lib/config/load.ts'
import { findingsOf, type SimulatedOrganization, simulate } from './support/simulated.ts'

let simulated: SimulatedOrganization | undefined
afterEach(() => simulated?.close())

/** Where there is no organization nobody administers its backups, and none of its policies can reach an account. */
const OF_ORGANIZATIONS = [
  'backup-administration-is-delegated-apart',
  'backup-policies-reach-every-account',
]

const SMALL = { accounts: 3, regions: 2, story: false }

test('audits the one account it is in where there is no organization', async () => {
  simulated = await simulate(SMALL)
  const { state, truth } = simulated.organization
  const own = state.accounts.get(state.auditAccountId)
  if (!own?.users[0]) throw new Error('the audit account has no user')
  state.id = undefined
  own.users[0].allow.push('*')
  const { summary, lake, run_id } = await simulated.audit()
  expect(summary.accounts).toBe(1)
  const found = await findingsOf(lake, run_id)
  expect(new Set(found.map((finding) => finding.account_id))).toEqual(
    new Set([state.auditAccountId]),
  )
  const expected = truth.filter(
    ({ account_id, control_id }) =>
      account_id === state.auditAccountId && !OF_ORGANIZATIONS.includes(control_id),
  )
  // The user who audits may do everything here, and is judged for it.
  const others = found.filter(({ resource_arn }) => !resource_arn.endsWith(':user/strongroom'))
  expect(others.length).toBe(expected.length)
  expect(found.filter(({ control_id }) => OF_ORGANIZATIONS.includes(control_id))).toEqual([])
  expect(summary.cells).toMatchObject({ unread: 0, partial: 0 })
})

test('finds the Regions by ec2:DescribeRegions where account:ListRegions is denied', async () => {
  simulated = await simulate(SMALL)
  for (const account of simulated.organization.state.accounts.values()) {
    for (const role of account.roles) {
      role.deny.push({ actions: ['account:ListRegions'] })
      role.allow.push('ec2:DescribeRegions')
    }
  }
  const { lake, run_id } = await simulated.audit()
  const found = await findingsOf(lake, run_id)
  expect(found.length).toBe(simulated.organization.truth.length)
})

test('reads nothing beyond the accounts, Regions and services that were asked for', async () => {
  simulated = await simulate(SMALL)
  const { state } = simulated.organization
  const [accountId = ''] = [...state.accounts.keys()].slice(-1)
  const region = state.homeRegion
  const config = await loadConfig(undefined, {
    ...simulated.config,
    accounts: [accountId],
    regions: [region],
    services: ['rds'],
  })
  const { summary, lake, run_id } = await simulated.audit({ config })
  const found = await findingsOf(lake, run_id)
  const places = new Set(found.map((finding) => `${finding.account_id} ${finding.region}`))
  expect([...places]).toEqual([`${accountId} ${region}`])
  expect(summary.cells.not_requested).toBe(2)
  const services = new Set(
    [...simulated.simulator.usedActions].map((action) => action.split(':')[0]),
  )
  expect(services).not.toContain('backup')
  expect(services).not.toContain('kms')
})

test.each([
  ['account', { accounts: ['999999999999'] }, /no such account.*999999999999/],
  ['OU', { ous: ['ou-none-12345678'] }, /no such OU.*ou-none-12345678/],
  ['service', { services: ['glacier'] }, /no collector reads glacier/],
  ['control', { controls: ['no-such-control'] }, /no such control: no-such-control/],
])('refuses an unknown %s', async (_, overrides, message) => {
  simulated = await simulate(SMALL, overrides)
  await expect(simulated.audit()).rejects.toThrow(message)
})
