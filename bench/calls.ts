import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { audit } from '../lib/audit.ts'
import { simulate } from '../lib/cli/simulated.ts'
import { loadConfig } from '../lib/config/load.ts'
import { openDuckdb } from '../lib/engine/duckdb.ts'
import { literal } from '../lib/engine/engine.ts'
import { loadTables } from '../lib/sources.ts'

/** What one cell costs, collector by collector: an empty one, and the one that costs most. */
export interface CellCalls {
  collector: string
  empty: number
  fullest: number
}

/** Counts calls in a simulated organization, one of whose accounts holds nothing at all. */
export async function callsPerCell(): Promise<CellCalls[]> {
  const now = new Date()
  const { organization, simulator } = await simulate({
    seed: 1,
    accounts: 6,
    regions: 2,
    now,
    faults: [],
  })
  const lake = await mkdtemp(join(tmpdir(), 'strongroom-calls-'))
  const tables = await loadTables()
  try {
    const { state, credentials, externalId, roleName } = organization
    const [bare] = [...state.accounts.values()].filter(
      ({ account }) => account.Name === 'payments-prod',
    )
    bare?.cells.clear()
    const { run_id } = await audit({
      config: await loadConfig(undefined, { role_name: roleName, external_id: externalId }),
      lake,
      credentials,
      endpoint: simulator.url,
      region: state.homeRegion,
      clock: () => now,
    })
    const engine = await openDuckdb({ lake, tables })
    const { rows } = await engine.query(
      `select a.collector,
         max(case when a.account_id = ${literal(bare?.account.Id ?? '')} then a.calls end) as empty,
         max(a.calls) as fullest
       from lake.answers as a
       join lake.collectors as c on c.collector = a.collector and c.run_id = a.run_id
       where a.run_id = ${literal(run_id)} and c.service <> 'derive'
       group by a.collector order by a.collector`,
    )
    engine.close()
    return rows.map(({ collector, empty, fullest }) => ({
      collector: String(collector),
      empty: Number(empty),
      fullest: Number(fullest),
    }))
  } finally {
    await simulator.close()
    await rm(lake, { recursive: true, force: true })
  }
}
