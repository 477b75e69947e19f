import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { unchunked } from '../../support/fake-s3.ts'

/** A folder as a bucket of S3, for one that can read and write no folder: each file is an object. */
export interface Bucket {
  /** The endpoint; the bucket's name is the first part of a path. */
  url: string
  close(): Promise<void>
}

/** Serves a folder on a loopback port: the few operations that Trino uses, without multipart uploads. */
export async function serveBucket(name: string, folder: string): Promise<Bucket> {
  const server = createServer((request, response) => {
    answer(name, folder, { request, response }).catch((error: unknown) => {
      response
        .writeHead(500)
        .end(`<Error><Code>InternalError</Code><Message>${error}</Message></Error>`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
}

async function answer(name: string, folder: string, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bucket')
  const [, bucket, ...parts] = decodeURIComponent(pathname).split('/')
  const key = parts.join('/')
  if (bucket !== name) throw new Error(`there is no bucket ${bucket}`)
  if (request.method === 'GET' && searchParams.get('list-type') === '2') {
    response.writeHead(200, XML).end(await listing(folder, searchParams))
  } else if (request.method === 'GET' || request.method === 'HEAD') {
    await sendObject(join(folder, key), exchange)
  } else if (request.method === 'PUT' && searchParams.size === 0) {
    const body = unchunked(request, await buffer(request))
    await put(join(folder, key), body)
    // The SDK for Java compares it with what it sent.
    response.writeHead(200, { ETag: `"${createHash('md5').update(body).digest('hex')}"` }).end()
  } else if (request.method === 'DELETE') {
    await rm(join(folder, key), { force: true })
    response.writeHead(204).end()
  } else if (request.method === 'POST' && searchParams.has('delete')) {
    for (const [, gone = ''] of (await buffer(request)).toString().matchAll(/<Key>(.*?)<\/Key>/g)) {
      await rm(join(folder, gone), { force: true })
    }
    response.writeHead(200, XML).end('<DeleteResult/>')
  } else throw new Error(`this bucket does not know ${request.method} ${request.url}`)
}

const XML = { 'Content-Type': 'application/xml' }

async function put(path: string, body: Buffer): Promise<void> {
  const temporary = `${path}.${process.hrtime.bigint()}.tmp`
  await mkdir(dirname(path), { recursive: true })
  await writeFile(temporary, body)
  await rename(temporary, path)
}

async function sendObject(path: string, { request, response }: Exchange): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) {
    response.writeHead(404, XML)
    response.end(request.method === 'HEAD' ? undefined : '<Error><Code>NoSuchKey</Code></Error>')
    return
  }
  const { size, mtime } = found
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const start = from ? Number(from) : to ? Math.max(size - Number(to), 0) : 0
  const end = from && to ? Math.min(Number(to), size - 1) : size - 1
  response.writeHead(request.headers.range ? 206 : 200, {
    ETag: '"etag"',
    'Last-Modified': mtime.toUTCString(),
    'Content-Length': end - start + 1,
    ...(request.headers.range ? { 'Content-Range': `bytes ${start}-${end}/${size}` } : {}),
  })
  if (request.method === 'HEAD' || size === 0) response.end()
  else createReadStream(path, { start, end }).pipe(response)
}

/** Everything below the prefix in one page, however much that is. */
async function listing(folder: string, query: URLSearchParams): Promise<string> {
  const prefix = query.get('prefix') ?? ''
  const keys = await keysBelow(folder, prefix.slice(0, prefix.lastIndexOf('/') + 1))
  const below = (key: string) => key.slice(prefix.length).indexOf('/')
  const found = keys.filter((key) => key.startsWith(prefix)).sort()
  const delimited = query.has('delimiter')
  const contents = await Promise.all(
    found
      .filter((key) => !delimited || below(key) === -1)
      .map(async (key) => {
        const { size, mtime } = await stat(join(folder, key))
        return `<Contents><Key>${key}</Key><LastModified>${mtime.toISOString()}</LastModified><ETag>"etag"</ETag><Size>${size}</Size></Contents>`
      }),
  )
  const folders = new Set(
    found
      .filter((key) => delimited && below(key) !== -1)
      .map((key) => key.slice(0, prefix.length + below(key) + 1)),
  )
  const prefixes = [...folders].map(
    (one) => `<CommonPrefixes><Prefix>${one}</Prefix></CommonPrefixes>`,
  )
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}${prefixes.join('')}</ListBucketResult>`
}

async function keysBelow(folder: string, parent: string): Promise<string[]> {
  const entries = await readdir(join(folder, parent), { withFileTypes: true }).catch(() => [])
  const keys = await Promise.all(
    entries.map((entry) =>
      entry.isDirectory()
        ? keysBelow(folder, `${parent}${entry.name}/`)
        : Promise.resolve(entry.name.endsWith('.tmp') ? [] : [parent + entry.name]),
    ),
  )
  return keys.flat()
}
