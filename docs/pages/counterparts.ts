import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const ids = z.record(z.string(), z.string().min(1))

/** What one catalogue asks, by its ids: what some control judges, too, and what none does, with the reason. */
const catalogue = z.strictObject({ judged: ids, unjudged: ids })

const schema = z.strictObject({
  SecurityHub: catalogue,
  Config: catalogue,
  BackupAuditManager: catalogue,
  Prowler: catalogue,
})

/** A catalogue of checks beside this one, as the `references` of controls name it. */
export type Catalogue = keyof z.infer<typeof schema>

/** How each catalogue is called, and how its ids are written. */
export const CATALOGUES: Record<Catalogue, { name: string; id: RegExp }> = {
  SecurityHub: { name: 'Security Hub', id: /^[A-Z][A-Za-z0-9]+\.[1-9]\d*$/ },
  Config: { name: 'AWS Config', id: /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/ },
  BackupAuditManager: { name: 'Backup Audit Manager', id: /^[A-Z]+(_[A-Z]+)+$/ },
  Prowler: { name: 'Prowler', id: /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/ },
}

/** What the catalogues ask of backups and their sources: a control's reference to anything else is a slip of the pen. */
export const counterparts = schema.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'counterparts.json'), 'utf8')),
)

/** A reference such as `SecurityHub:EC2.1`, in its parts; undefined: a link, or of no known catalogue. */
export function parseReference(
  reference: string,
): { catalogue: Catalogue; id: string } | undefined {
  const [catalogue = '', id = ''] = reference.split(':')
  return isCatalogue(catalogue) ? { catalogue, id } : undefined
}

function isCatalogue(text: string): text is Catalogue {
  return Object.hasOwn(CATALOGUES, text)
}
