import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** What the `Authorization` header of Signature Version 4 says. */
export interface Scope {
  accessKeyId: string
  date: string
  region: string
  service: string
  signedHeaders: string[]
  signature: string
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/

/** Reads the credential scope; undefined for an unsigned or malformed request. */
export function readScope(request: IncomingMessage): Scope | undefined {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? '')
  if (match === null) return undefined
  const [, accessKeyId = '', date = '', region = '', service = '', headers = '', signature = ''] =
    match
  return { accessKeyId, date, region, service, signedHeaders: headers.split(';'), signature }
}

const keys = new Map<string, Buffer>()

/** Deriving a key takes four rounds: worth remembering for a session's many calls. */
function signingKey(secret: string, { date, region, service }: Scope): Buffer {
  const name = `${secret}/${date}/${region}/${service}`
  const known = keys.get(name)
  if (known !== undefined) return known
  let key: Buffer = Buffer.from(`AWS4${secret}`)
  for (const part of [date, region, service, 'aws4_request']) {
    key = createHmac('sha256', key).update(part).digest()
  }
  if (keys.size > 20_000) keys.clear()
  keys.set(name, key)
  return key
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function canonicalQuery(query: string): string {
  if (query === '') return ''
  return query
    .split('&')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return `${encode(decode(name))}=${encode(decode(value.join('=')))}`
    })
    .sort()
    .join('&')
}

/** Whether the signature belongs to this request and secret. */
export function verify(
  request: IncomingMessage,
  body: Buffer,
  scope: Scope,
  secret: string,
): boolean {
  const [path = '/', ...query] = (request.url ?? '/').split('?')
  const { headers } = request
  const hash = createHash('sha256').update(body).digest('hex')
  const stated = headers['x-amz-content-sha256']
  if (stated !== undefined && stated !== hash) return false
  const canonical = [
    request.method,
    // Services other than S3 encode the path that goes over the wire once more.
    path.split('/').map(encode).join('/'),
    canonicalQuery(query.join('?')),
    ...scope.signedHeaders.map(
      (name) =>
        `${name}:${String(headers[name] ?? '')
          .trim()
          .replace(/\s+/g, ' ')}`,
    ),
    '',
    scope.signedHeaders.join(';'),
    hash,
  ].join('\n')
  const text = [
    'AWS4-HMAC-SHA256',
    headers['x-amz-date'],
    `${scope.date}/${scope.region}/${scope.service}/aws4_request`,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n')
  const expected = createHmac('sha256', signingKey(secret, scope)).update(text).digest()
  return timingSafeEqual(expected, Buffer.from(scope.signature, 'hex'))
}
