import type { RunReader } from './ask-run.ts'
import type { PageData } from './page-data.ts'
import { text, textOrNull } from './values.ts'

/**
 * Names of the run's OUs and root by their ids, as far as they were read. They come with the lists of what policies are attached to:
 * where an organization has switched service control policies on, AWS attaches one to every unit.
 */
export async function unitNames(run: RunReader): Promise<Map<string, string>> {
  const rows = await run.sql('select ou_id, name from organizational_units')
  return new Map(
    rows.flatMap(({ ou_id, name }) => {
      const known = textOrNull(name)
      return known === null ? [] : [[text(ou_id), known] as const]
    }),
  )
}

/** Of the units above accounts, and of no others: an owner's page names nobody else's. */
export function namesAbove(
  accounts: PageData['accounts'],
  names: ReadonlyMap<string, string>,
): PageData['units'] {
  const units = new Set(accounts.flatMap(({ path }) => path))
  return Object.fromEntries([...names].filter(([id]) => units.has(id)))
}
