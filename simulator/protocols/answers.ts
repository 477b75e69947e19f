import { JsonCodec } from '@smithy/core/protocols'
import type { NormalizedSchema } from '@smithy/core/schema'
import type { ServiceError } from '../errors.ts'
import type { Route, Service } from '../services.ts'
import { escapeXml, writerOf } from './xml.ts'

export interface Reply {
  status: number
  headers: Record<string, string>
  body: string
}

/** 7 means seconds since the epoch, which is what both JSON protocols default to. */
const codec = new JsonCodec({ jsonName: true, timestampFormat: { useTrait: true, default: 7 } })

/** Writes an operation's output. */
export function writeAnswer(service: Service, route: Route, output: object, id: string): Reply {
  const { name } = route.operation
  if (service.family === 'json' || service.family === 'restJson') {
    const serializer = codec.createSerializer()
    serializer.write(route.output, output)
    return json(service, 200, String(serializer.flush()), id)
  }
  if (service.family === 'restXml') return restXml(service, route, output, id)
  const content = writerOf(route.output)(output)
  const open = `<${name}Response xmlns="${service.namespace}">`
  if (service.family === 'ec2') {
    return xml(200, `${open}<requestId>${id}</requestId>${content}</${name}Response>`, id)
  }
  const metadata = `<ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata>`
  return xml(
    200,
    `${open}<${name}Result>${content}</${name}Result>${metadata}</${name}Response>`,
    id,
  )
}

/** Writes an error as the service's protocol does. */
export function writeError(service: Service, error: ServiceError, id: string): Reply {
  const { code, message, status } = error
  const text = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`
  if (service.family === 'ec2') {
    const body = `<Response><Errors><Error>${text}</Error></Errors><RequestID>${id}</RequestID></Response>`
    return xml(status, body, id)
  }
  if (service.family === 'query') {
    const type = status < 500 ? 'Sender' : 'Receiver'
    const body = `<ErrorResponse xmlns="${service.namespace}"><Error><Type>${type}</Type>${text}</Error><RequestId>${id}</RequestId></ErrorResponse>`
    return xml(status, body, id)
  }
  if (service.family === 'restXml') {
    return xml(status, `<Error>${text}<RequestId>${id}</RequestId></Error>`, id)
  }
  // Services disagree about the case of `message`; clients read the one they know.
  const body = JSON.stringify({ __type: code, Code: code, message, Message: message })
  const reply = json(service, status, body, id)
  if (service.family === 'restJson') reply.headers['x-amzn-errortype'] = code
  return reply
}

/** The body is the one member that is the payload, or all of them; either names its own element. */
function restXml({ namespace }: Service, route: Route, output: object, id: string): Reply {
  const payload = payloadOf(route)
  const [name, schema] = payload ?? ['', route.output]
  const value: unknown = payload ? Reflect.get(output, name) : output
  // A text is the body as it stands, such as a bucket's policy.
  if (payload && schema.isStringSchema()) return textReply(String(value), id)
  const traits = schema.getMergedTraits()
  const element = String(traits.xmlName ?? (name || `${route.operation.name}Result`))
  const inner = unwrapped(route, output)
  const content = inner === undefined ? writerOf(schema)(value) : escapeXml(inner)
  return xml(200, `<${element} xmlns="${namespace}">${content}</${element}>`, id)
}

/** S3 answers a bucket's location without the element around its one member, which both are named alike. */
function unwrapped({ output }: Route, value: object): string | undefined {
  const [member, ...others] = output.structIterator()
  if (!member || others.length > 0 || output.getMergedTraits().xmlName !== member[0]) return
  return String(Reflect.get(value, member[0]) ?? '')
}

function payloadOf({ output }: Route): [string, NormalizedSchema] | undefined {
  for (const [name, member] of output.structIterator()) {
    if (member.getMergedTraits().httpPayload) return [name, member]
  }
  return undefined
}

function json(
  { family, jsonVersion = '1.1' }: Service,
  status: number,
  body: string,
  id: string,
): Reply {
  const type = family === 'json' ? `application/x-amz-json-${jsonVersion}` : 'application/json'
  return { status, body, headers: { 'content-type': type, 'x-amzn-requestid': id } }
}

function textReply(body: string, id: string): Reply {
  const headers = { 'content-type': 'application/json', 'x-amzn-requestid': id }
  return { status: 200, body, headers }
}

function xml(status: number, content: string, id: string): Reply {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${content}`
  const headers = { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': id }
  return { status, body, headers }
}
