import { modulesOf } from '../modules.ts'
import type { Service } from './cell.ts'
import { backupControls, firstControls } from './controls.ts'
import { isolationControls } from './isolation.ts'
import type { Plant } from './plant.ts'
import { protectionControls } from './protection.ts'
import { accountControls, organizationControls } from './separation.ts'

async function loadPlants(): Promise<Map<string, Plant>> {
  const loaded = new Map<string, Plant>()
  for (const { name, file } of modulesOf('plants', import.meta.url)) {
    const module: { default: Plant } = await import(/* @vite-ignore */ `./plants/${file}`)
    loaded.set(name, module.default)
  }
  return loaded
}

/** Every plant by its name. The folder is the list. */
export const plants: ReadonlyMap<string, Plant> = await loadPlants()

/** The controls that judge an account as a whole: of a single Region they say nothing. */
export const accountWideControls: ReadonlySet<string> = new Set([
  ...[...plants.values()].flatMap(({ accountWide = [] }) => accountWide),
  ...accountControls,
  ...organizationControls,
])

/** The controls that read a service, or all: what cannot be said where the service cannot be read. */
export function judgedControls(service?: Service): string[] {
  const planted = [...plants.values()].flatMap(({ controls }) => Object.entries(controls))
  const others: Record<string, readonly Service[]> = { ...protectionControls, ...isolationControls }
  const further = [...planted, ...Object.entries(others)]
    .filter(([, services]) => service === undefined || services.includes(service))
    .map(([id]) => id)
  const first = service === 'backup' ? backupControls : service === undefined ? firstControls : []
  const ofAccounts = service === undefined ? [...accountControls, ...organizationControls] : []
  return [...new Set([...first, ...further, ...ofAccounts])]
}
