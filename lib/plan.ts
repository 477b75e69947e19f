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

/**
 * One unit for each account that is audited, and one for what is asked once for the whole organization, in the caller's own account.
 * A unit's name begins with its account's id.
 */
export function planUnits(discovery: Discovery, collectors: Map<string, Collector>): Unit[] {
  const own = [...collectors].filter(([, { scope }]) => scope !== 'organization')
  const shared = [...collectors].filter(([, { scope }]) => scope === 'organization')
  const accounts = discovery.accounts.filter((account) => account.not_audited_reason === null)
  const caller = discovery.caller_account_id
  return [
    {
      unit: organizationUnit(caller),
      account_id: caller,
      pass: 1,
      slices: shared.map(([collector]) => ({ region: 'global', collector })),
    },
    ...accounts.map(({ account_id }) => ({
      unit: `${account_id}-1`,
      account_id,
      pass: 1,
      slices: own.flatMap(([collector, { scope }]) =>
        (scope === 'cell' ? discovery.regions : ['global']).map((region) => ({
          region,
          collector,
        })),
      ),
    })),
  ].filter(({ slices }) => slices.length > 0)
}

/** The unit of what is asked once for the whole organization. */
export function organizationUnit(callerAccountId: string): string {
  return `${callerAccountId}-organization`
}

/** The version of Strongroom that runs. */
export async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  const { version }: { version: string } = JSON.parse(text)
  return version
}
