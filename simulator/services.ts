import { readdirSync } from 'node:fs'
import { NormalizedSchema } from '@smithy/core/schema'
import type { Family } from './errors.ts'
import type { Operation, ServiceDefinition } from './operations/operation.ts'

/** An operation with everything about its wire format worked out. */
export interface Route {
  operation: Operation
  input: NormalizedSchema
  output: NormalizedSchema
  method: string
  /** Of the path; names of labels where it is `{…}`. */
  segments: string[]
  members: [string, NormalizedSchema][]
}

export interface Service {
  name: string
  family: Family
  /** Of the XML answers. */
  namespace: string
  /** Answers in us-east-1 for the whole partition, whatever Regions are enabled. */
  global: boolean
  routes: Map<string, Route>
}

function routeOf(operation: Operation): Route {
  const [, , , traits, input, output] = operation.schema
  const http = typeof traits === 'object' ? traits.http : undefined
  const [method = 'POST', path = '/'] = http ?? []
  const schema = NormalizedSchema.of(input)
  return {
    operation,
    input: schema,
    output: NormalizedSchema.of(output),
    method,
    segments: path.split('?')[0]?.replace(/\/$/, '').split('/') ?? [],
    members: [...schema.structIterator()],
  }
}

function serviceOf({
  name,
  family,
  namespace = '',
  global = false,
  operations,
}: ServiceDefinition) {
  const routes = new Map(operations.map((one) => [one.name, routeOf(one)]))
  return { name, family, namespace, global, routes }
}

/** Files of the folder that are no service. */
const NO_SERVICES = new Set(['operation.ts', 'backup-paging.ts', 'backup-jobs.ts'])

async function loadServices(): Promise<Map<string, Service>> {
  const folder = new URL('operations/', import.meta.url)
  const loaded = new Map<string, Service>()
  for (const file of readdirSync(folder).sort()) {
    if (NO_SERVICES.has(file)) continue
    const name = file.replace('.ts', '')
    const module: { default: ServiceDefinition } = await import(`./operations/${name}.ts`)
    loaded.set(module.default.name, serviceOf(module.default))
  }
  return loaded
}

/** The simulated services, by the service name of the credential scope. The folder is the list. */
export const services: ReadonlyMap<string, Service> = await loadServices()
