import { readFile } from 'node:fs/promises'
import type { Unit } from './collect/collect-unit.ts'
import type { Collector } from './collectors/collector.ts'
import type { Config } from './config/schema.ts'
import type { Discovery } from './discover.ts'

/** Whether a configuration leaves nothing out. */
export function isWhole({
  accounts,
  ous,
  regions,
  services,
  controls,
  exclude_accounts,
}: Config): boolean {
  return [accounts, ous, regions, services, controls, exclude_accounts].every(
    (filter) => filter.length === 0,
  )
}

/** One unit for each account that is audited. Its name begins with the account's id. */
export function planUnits(discovery: Discovery, collectors: Map<string, Collector>): Unit[] {
  return discovery.accounts
    .filter((account) => account.not_audited_reason === null)
    .map(({ account_id }) => ({
      unit: `${account_id}-1`,
      account_id,
      pass: 1,
      slices: [...collectors].flatMap(([collector, { scope }]) =>
        (scope === 'cell' ? discovery.regions : ['global']).map((region) => ({
          region,
          collector,
        })),
      ),
    }))
}

/** The version of Strongroom that runs. */
export async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  const { version }: { version: string } = JSON.parse(text)
  return version
}
