import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { S3Client } from '@aws-sdk/client-s3'

/** Objects by `/bucket/key`, behind the few operations of S3 that a lake uses, at two keys a page. */
export interface FakeS3 {
  url: string
  client: S3Client
  objects: Map<string, Buffer>
  /** Decides of each request, counted from 1, how it goes wrong, if at all. */
  misbehave: (request: { method: string; path: string; nth: number }) => S3Fault | undefined
  close(): Promise<void>
}

/**
 * A refusal comes before anything is done; an answer that is lost, or breaks off, after it.
 */
export type S3Fault = { status: number; code: string } | 'reset' | 'answer lost' | 'broken off'

const PAGE = 2

export async function startFakeS3(): Promise<FakeS3> {
  const objects = new Map<string, Buffer>()
  let requests = 0
  // A client that waits five seconds before its next attempt must not meet a connection that is just being closed.
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const { method = '', url: path = '' } = request
    const fault = s3.misbehave({ method, path, nth: ++requests })
    void answerBadly(fault, objects, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    maxAttempts: 6,
  })
  const s3: FakeS3 = {
    url,
    client,
    objects,
    misbehave: () => undefined,
    async close() {
      client.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return s3
}

async function answerBadly(
  fault: S3Fault | undefined,
  objects: Map<string, Buffer>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (fault === 'reset') {
    await buffer(request)
    request.socket.resetAndDestroy()
  } else if (typeof fault === 'object') {
    await buffer(request)
    refuse(response, fault)
  } else if (fault === undefined) await answer(objects, request, response)
  else await answer(objects, request, fault === 'broken off' ? halved(response) : lost(response))
}

/** Promises the whole body and hangs up in its middle. */
function halved(response: ServerResponse): ServerResponse {
  response.end = ((body: Buffer | string = '') => {
    const bytes = Buffer.from(body as string)
    response.writeHead(200, { 'content-length': Math.max(2, bytes.length) })
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.end())
    return response
  }) as ServerResponse['end']
  response.writeHead = new Proxy(response.writeHead, {
    apply: (write, self, [status, headers]) =>
      headers && 'content-length' in headers ? Reflect.apply(write, self, [status, headers]) : self,
  })
  return response
}

function lost(response: ServerResponse): ServerResponse {
  response.writeHead = () => response
  response.end = (() => {
    response.socket?.resetAndDestroy()
    return response
  }) as ServerResponse['end']
  return response
}

function refuse(response: ServerResponse, { status, code }: { status: number; code: string }) {
  const body = `<Error><Code>${code}</Code><Message>${code}</Message></Error>`
  response.writeHead(status).end(body)
}

async function answer(
  objects: Map<string, Buffer>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake')
  const path = decodeURIComponent(pathname)
  const body = unchunked(request, await buffer(request))
  const send = (status: number, text: string | Buffer = '', headers = {}) => {
    response.writeHead(status, headers).end(text)
  }
  if (searchParams.get('list-type') === '2') return send(200, listing(objects, path, searchParams))
  if (request.method === 'PUT') {
    if (request.headers['if-none-match'] === '*' && objects.has(path)) {
      return refuse(response, { status: 412, code: 'PreconditionFailed' })
    }
    const part = searchParams.get('partNumber')
    objects.set(part ? `${path}?${part.padStart(5, '0')}` : path, body)
    return send(200, '', { ETag: '"etag"' })
  }
  if (request.method === 'POST') return send(200, posted(objects, path, searchParams, body))
  const found = objects.get(path)
  return found ? send(200, found) : refuse(response, { status: 404, code: 'NoSuchKey' })
}

function posted(
  objects: Map<string, Buffer>,
  path: string,
  query: URLSearchParams,
  body: Buffer,
): string {
  if (query.has('uploads')) return '<R><UploadId>upload</UploadId></R>'
  if (query.has('uploadId')) {
    const parts = [...objects.keys()].filter((key) => key.startsWith(`${path}?`)).sort()
    objects.set(path, Buffer.concat(parts.map((key) => objects.get(key) ?? Buffer.alloc(0))))
    for (const key of parts) objects.delete(key)
    return '<R><ETag>"etag"</ETag></R>'
  }
  for (const [, key] of body.toString().matchAll(/<Key>(.*?)<\/Key>/g)) {
    objects.delete(`${path.replace(/\/$/, '')}/${key}`)
  }
  return '<DeleteResult/>'
}

function listing(objects: Map<string, Buffer>, bucket: string, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  const start = `${bucket.replace(/\/$/, '')}/`
  const keys = [...objects.keys()]
    .filter((key) => key.startsWith(start + prefix))
    .map((key) => key.slice(start.length))
    .filter((key) => !query.get('delimiter') || !key.slice(prefix.length).includes('/'))
    .sort()
  const from = Number(query.get('continuation-token') ?? 0)
  const contents = keys
    .slice(from, from + PAGE)
    .map((key) => `<Contents><Key>${key}</Key></Contents>`)
  const next =
    from + PAGE < keys.length ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : ''
  return `<ListBucketResult>${contents.join('')}${next}</ListBucketResult>`
}

/** What the SDK sends as `aws-chunked`, without its framing. */
export function unchunked(request: IncomingMessage, body: Buffer): Buffer {
  if (!request.headers['content-encoding']?.includes('aws-chunked')) return body
  const pieces: Buffer[] = []
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.subarray(at, end).toString(), 16)
    if (!size) return Buffer.concat(pieces)
    pieces.push(body.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
}
