import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { commonError } from './errors.ts'
import { readForm } from './protocols/query.ts'
import { readScalar } from './protocols/scalars.ts'
import type { Route, Service } from './services.ts'

export interface Routed {
  route: Route
  input: object
}

/** Finds the operation that a request calls and reads its input. */
export function routeRequest(service: Service, request: IncomingMessage, body: Buffer): Routed {
  const routed = find(service, request, body.toString())
  const { accepts, name } = routed.route.operation
  for (const [member, value] of Object.entries(routed.input)) {
    if (value === undefined || accepts.has(member)) continue
    if (Array.isArray(value) && value.length === 0) continue
    // Ignoring a filter would answer something wrong.
    const message = `The simulator does not implement ${member} of ${name}`
    throw commonError(service.family, 'invalidParameter', message)
  }
  return routed
}

function find(service: Service, request: IncomingMessage, body: string): Routed {
  if (service.family === 'restJson') return findByPath(service, request, body)
  if (service.family === 'restXml') return findByBucket(service, request)
  if (service.family === 'json') {
    const name = String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1)
    return { route: known(service, name), input: readJson(service, body) }
  }
  const form = new URLSearchParams(body)
  const route = known(service, form.get('Action') ?? undefined)
  return { route, input: readForm(route.input, form, service.family === 'ec2') }
}

function known(service: Service, name = ''): Route {
  const route = service.routes.get(name)
  if (route !== undefined) return route
  const message = `The simulator does not implement ${service.name}:${name}`
  throw commonError(service.family, 'unknownOperation', message)
}

function readJson(service: Service, body: string): object {
  try {
    const value: unknown = JSON.parse(body || '{}')
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Answered below like any other body that is not an object.
  }
  throw commonError(service.family, 'invalidParameter', 'The body is not a JSON object')
}

function findByPath(service: Service, request: IncomingMessage, body: string): Routed {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  // Split before decoding: a label may hold an encoded slash.
  const segments = path.replace(/\/$/, '').split('/')
  for (const route of service.routes.values()) {
    if (route.method !== request.method) continue
    const labels = labelsOf(route.segments, segments)
    if (labels === undefined) continue
    const input = readJson(service, body) as Record<string, unknown>
    return { route, input: bind(route, input, labels, new URLSearchParams(query)) }
  }
  return { route: known(service, `${request.method} ${path}`), input: {} }
}

/** S3's addresses: the bucket is the path (its templates leave it out), and a name in the query says what of it is meant. */
function findByBucket(service: Service, request: IncomingMessage): Routed {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const [bucket, ...key] = path.split('/').slice(1)
  const parameters = new URLSearchParams(query)
  const labels = new Map(bucket ? [['Bucket', decodeURIComponent(bucket)]] : [])
  for (const route of service.routes.values()) {
    const ofBucket = route.members.some(([name]) => name === 'Bucket')
    if (route.method !== request.method || ofBucket !== labels.has('Bucket')) continue
    if (key.join('/') !== '' || (ofBucket && route.markers.length === 0)) continue
    if (!route.markers.every((marker) => parameters.has(marker))) continue
    return { route, input: bind(route, {}, labels, parameters, request.headers) }
  }
  return { route: known(service, `${request.method} ${request.url}`), input: {} }
}

function labelsOf(template: string[], segments: string[]): Map<string, string> | undefined {
  if (template.length !== segments.length) return undefined
  const labels = new Map<string, string>()
  for (const [index, part] of template.entries()) {
    const segment = segments[index] ?? ''
    if (part.startsWith('{')) labels.set(part.slice(1, -1), decodeURIComponent(segment))
    else if (part !== segment) return undefined
  }
  return labels
}

function bind(
  route: Route,
  input: Record<string, unknown>,
  labels: Map<string, string>,
  query: URLSearchParams,
  headers: IncomingHttpHeaders = {},
): object {
  for (const [name, member] of route.members) {
    const { httpQuery, httpHeader } = member.getMergedTraits()
    const header = httpHeader ? headers[String(httpHeader).toLowerCase()] : undefined
    const text =
      labels.get(name) ?? (httpQuery ? query.get(String(httpQuery)) : null) ?? header?.toString()
    if (text !== null && text !== undefined) input[name] = readScalar(member, text)
  }
  return input
}
