import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationPage, configurationSchema } from './pages/configuration.ts'
import { controlsPage } from './pages/controls.ts'
import { permissionsPage } from './pages/permissions.ts'
import { tablesPage } from './pages/tables.ts'

/** The generated pages of this folder by their names. A test holds the files to what this says. */
export async function generatedPages(): Promise<Record<string, string>> {
  return {
    'configuration.md': configurationPage(),
    'controls.md': controlsPage(),
    'permissions.md': await permissionsPage(),
    'strongroom.schema.json': configurationSchema(),
    'tables.md': await tablesPage(),
  }
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, text] of Object.entries(await generatedPages())) {
    writeFileSync(join(import.meta.dirname, name), text)
  }
}
