import type { RunReader } from './ask-run.ts'
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
