import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditResult } from '../lib/audit.ts'
import { loadSources } from '../lib/sources.ts'
import { askLake, type SimulatedOrganization, simulate } from './support/simulated.ts'

/**
 * Lists of one collector that no other list implies, where there is more than one: AWS offers no call that would tell that all of
 * them are empty. The settings of EBS hold in an empty Region too.
 */
const independentLists: Record<string, string[]> = {
  backup: ['vaults', 'settings of the Region'],
  'backup-plans': ['plans', 'protected resources'],
  cloudtrail: ['trails of every Region', 'trails of one Region'],
  ec2: ['snapshots', 'volumes', 'encryption by default', 'its key', 'public access'],
  elasticache: ['groups', 'clusters', 'snapshots', 'serverless caches', 'serverless snapshots'],
  fsx: ['file systems', 'backups'],
  memorydb: ['clusters', 'snapshots'],
  rds: ['instances', 'clusters', 'automated backups', 'automated backups of clusters'],
  'rds-snapshots': ['snapshots', 'snapshots of AWS Backup', 'cluster snapshots'],
  redshift: ['clusters', 'snapshots'],
  'redshift-serverless': ['namespaces', 'snapshots'],
}

describe('an account that holds nothing', () => {
  let simulated: SimulatedOrganization
  let result: AuditResult
  let account = ''
  beforeAll(async () => {
    simulated = await simulate({ accounts: 3, regions: 2 })
    const { accounts } = simulated.organization.state
    const bare = [...accounts.values()].at(-1)
    bare?.cells.clear()
    account = bare?.account.Id ?? ''
    result = await simulated.audit()
  })
  afterAll(async () => {
    await simulated.close()
    await rm(result.lake, { recursive: true, force: true })
  })

  it('costs one call for each list that nothing else implies', async () => {
    const rows = await askLake(
      result.lake,
      `select collector, max(calls) as calls from answers
       where run_id = '${result.run_id}' and account_id = '${account}' group by collector`,
    )
    // Entering the account and finding its Regions is counted with the first collector.
    const [first] = [...(await loadSources()).collectors.keys()]
    const costly = rows.filter(({ collector, calls }) => {
      const lists = independentLists[String(collector)]?.length ?? 1
      return Number(calls) > lists + (collector === first ? 2 : 0)
    })
    expect(costly).toEqual([])
  })

  it('is recognised as empty', () => {
    const { cells } = result.summary
    expect(cells.empty).toBe(2)
    expect(cells.complete + cells.not_applicable).toBe(cells.total)
  })
})
