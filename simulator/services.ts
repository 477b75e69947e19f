import { NormalizedSchema } from '@smithy/core/schema'
import type { Family } from './errors.ts'
import { modulesOf } from './modules.ts'
import type { Operation, ServiceDefinition } from './operations/operation.ts'

/** An operation with everything about its wire format worked out. */
export interface Route {
  operation: Operation
  input: NormalizedSchema
  output: NormalizedSchema
  method: string
  /** Of the path; names of labels where it is `{…}`. */
  segments: string[]
  /** Names in the query that are part of the address, such as `versioning`. */
  markers: string[]
  members: [string, NormalizedSchema][]
}

export interface Service {
  name: string
  family: Family
  jsonVersion?: '1.0' | '1.1'
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
    markers: markersOf(path.split('?')[1]),
    members: [...schema.structIterator()],
  }
}

/** `x-id` only names the operation; not every client sends it. */
function markersOf(query: string | undefined): string[] {
  return [...new URLSearchParams(query).keys()].filter((name) => name !== 'x-id')
}

function serviceOf({
  operations,
  namespace = '',
  global = false,
  ...definition
}: ServiceDefinition): Service {
  const routes = new Map(operations.map((one) => [one.name, routeOf(one)]))
  return { ...definition, namespace, global, routes }
}

/** Files of the folder that are no service. */
const NO_SERVICES = new Set(['operation', 'backup-paging', 'backup-jobs'])

async function loadServices(): Promise<Map<string, Service>> {
  const loaded = new Map<string, Service>()
  for (const { name, file } of modulesOf('operations', import.meta.url)) {
    if (NO_SERVICES.has(name)) continue
    const module: { default: ServiceDefinition } = await import(
      /* @vite-ignore */ `./operations/${file}`
    )
    const service = serviceOf(module.default)
    const known = loaded.get(service.name)
    if (known === undefined) loaded.set(service.name, service)
    else for (const [name, route] of service.routes) known.routes.set(name, route)
  }
  return loaded
}

/** The simulated services, by the service name of the credential scope. The folder is the list; a service may be several files. */
export const services: ReadonlyMap<string, Service> = await loadServices()
