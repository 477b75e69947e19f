import { expect, test } from 'vitest'
import { loadControls } from '../../lib/engine/controls.ts'
import { findingsOf, simulate } from '../support/simulated.ts'

test('a wrong role name leaves every control unknown, once per account that it judges', async () => {
  const simulated = await simulate(
    { accounts: 3, regions: 2, story: false },
    { role_name: 'Nobody' },
  )
  const { run_id, lake, summary } = await simulated.audit()
  const found = await findingsOf(lake, run_id)
  await simulated.close()
  const { accounts, managementAccountId } = simulated.organization.state
  // Who administers backups is asked of the organization, which answers without a role: one account is judged.
  const expected = loadControls().flatMap(({ id, spans }) =>
    [...(spans === 'organization' ? [managementAccountId] : accounts.keys())].map(
      (account) => `${id} ${account}`,
    ),
  )
  expect(found.map((one) => `${one.control_id} ${one.account_id}`).sort()).toEqual(expected.sort())
  expect([...new Set(found.map((one) => `${one.status} ${one.region}`))]).toEqual([
    'unknown global',
  ])
  expect([...new Set(summary.unread.map(({ cause }) => cause))]).toEqual(['role_missing'])
})
