import type { Collector, TableSource } from './collectors/collector.ts'
import { loadCollectors } from './collectors/load.ts'
import type { Config } from './config/schema.ts'
import type { Derivation } from './derive/derivation.ts'
import { loadDerivations, requestedDerivations } from './derive/load.ts'
import { resultTables, runTables } from './lake/run-tables.ts'
import type { Table } from './lake/table.ts'
import { requestedCollectors } from './scope.ts'

/** Everything that fills tables. */
export interface Sources {
  collectors: Map<string, Collector>
  derivations: Map<string, Derivation>
  /** Both, by name: so they stand in the coverage. */
  all: Map<string, TableSource>
}

/** Loads the collectors and the derivations. Their folders are the lists. */
export async function loadSources(): Promise<Sources> {
  const collectors = await loadCollectors()
  const derivations = await loadDerivations()
  return {
    collectors,
    derivations,
    all: new Map<string, TableSource>([...collectors, ...derivations]),
  }
}

/** What of them a run asks for. @throws UsageError where the configuration names a service that nothing reads */
export function requestedSources({ collectors, derivations }: Sources, config: Config): Sources {
  const requested = requestedCollectors(collectors, config)
  const derived = requestedDerivations(derivations, requested)
  return {
    collectors: requested,
    derivations: derived,
    all: new Map<string, TableSource>([...requested, ...derived]),
  }
}

/** Every table of a lake's inventory: what is collected, what is derived, and the run's own. */
export function inventoryTables({ all }: Sources): Record<string, Table> {
  return Object.assign({}, ...[...all.values()].map(({ tables }) => tables), runTables)
}

/** Every table of a lake, findings and scores included. */
export function lakeTables(sources: Sources): Record<string, Table> {
  return { ...inventoryTables(sources), ...resultTables }
}

/** Every table of a lake by its name. */
export async function loadTables(): Promise<Record<string, Table>> {
  return lakeTables(await loadSources())
}
