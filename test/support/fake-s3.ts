import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { S3Client } from '@aws-sdk/client-s3'

/** Objects by `/bucket/key`, behind the few operations of S3 that a lake uses, at two keys a page. */
export interface FakeS3 {
  url: string
  client: S3Client
  objects: Map<string, Buffer>
  close(): Promise<void>
}

const PAGE = 2

export async function startFakeS3(): Promise<FakeS3> {
  const objects = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    void answer(objects, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  })
  return {
    url,
    client,
    objects,
    async close() {
      client.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
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
  const refuse = (status: number, code: string) =>
    send(status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`)
  if (searchParams.get('list-type') === '2') return send(200, listing(objects, path, searchParams))
  if (request.method === 'PUT') {
    if (request.headers['if-none-match'] === '*' && objects.has(path)) {
      return refuse(412, 'PreconditionFailed')
    }
    const part = searchParams.get('partNumber')
    objects.set(part ? `${path}?${part.padStart(5, '0')}` : path, body)
    return send(200, '', { ETag: '"etag"' })
  }
  if (request.method === 'POST') return send(200, posted(objects, path, searchParams, body))
  const found = objects.get(path)
  return found ? send(200, found) : refuse(404, 'NoSuchKey')
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
function unchunked(request: IncomingMessage, body: Buffer): Buffer {
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
