import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { UsageError } from '../usage-error.ts'
import type { Lake } from './lake.ts'

/** Files up to this size are one request; larger ones are sent in parts of it, one in memory at a time. */
const PART_BYTES = 32 * 1024 * 1024

/**
 * A lake in a bucket. A put is whole or not at all, and the first writer of a name is told apart by a conditional put.
 * @throws UsageError where the URL is not `s3://bucket[/prefix]`
 */
export function openS3Lake(url: string, client: S3Client): Lake {
  const root = url.replace(/\/+$/, '')
  const [, Bucket = '', prefix = ''] = /^s3:\/\/([a-z0-9.-]+)((?:\/[^/]+)*)$/.exec(root) ?? []
  if (!Bucket) throw new UsageError(`${JSON.stringify(url)} is not a lake: s3://bucket[/prefix]`)
  const key = (name: string) => [...prefix.split('/').filter(Boolean), name].join('/')

  async function* keysBelow(folder: string, Delimiter?: string): AsyncGenerator<string[]> {
    let ContinuationToken: string | undefined
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket,
          Prefix: `${key(folder)}/`,
          Delimiter,
          ContinuationToken,
        }),
      )
      yield (page.Contents ?? []).flatMap((object) => object.Key ?? [])
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken)
  }

  async function upload(name: string, path: string): Promise<void> {
    const { size } = await stat(path)
    const target = { Bucket, Key: key(name) }
    await (size > PART_BYTES
      ? uploadParts(client, target, path)
      : client.send(new PutObjectCommand({ ...target, Body: await readPart(path, 0, size) })))
  }

  return {
    root,
    path: (name) => `${root}/${name}`,
    read: (name) => readObject(client, { Bucket, Key: key(name) }),
    async write(name, text) {
      const ContentLength = Buffer.byteLength(text)
      await client.send(new PutObjectCommand({ Bucket, Key: key(name), Body: text, ContentLength }))
    },
    createIfAbsent: (name, text) => createIfAbsent(client, { Bucket, Key: key(name), Body: text }),
    async list(folder) {
      const names: string[] = []
      for await (const keys of keysBelow(folder, '/')) names.push(...keys)
      return names.map((name) => name.slice(key('').length)).sort()
    },
    async remove(name) {
      const objects = [[key(name)]]
      for await (const keys of keysBelow(name)) objects.push(keys)
      for (const keys of objects.filter(({ length }) => length > 0)) {
        const Objects = keys.map((Key) => ({ Key }))
        const { Errors } = await client.send(
          new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
        )
        if (Errors?.[0]) throw new Error(`cannot remove ${Errors[0].Key}: ${Errors[0].Message}`)
      }
    },
    upload,
    lend: (name, use) =>
      withTemporary(async (temporary) => {
        await readingAgain(async () => {
          const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key(name) }))
          return () => pipeline(Body as Readable, createWriteStream(temporary))
        })
        return use(temporary)
      }),
    place: (name, make) =>
      withTemporary(async (temporary) => {
        await make(temporary)
        await upload(name, temporary)
      }),
  }
}

async function withTemporary<T>(use: (path: string) => Promise<T>): Promise<T> {
  const temporary = join(tmpdir(), `strongroom-${randomUUID()}`)
  try {
    return await use(temporary)
  } finally {
    await rm(temporary, { force: true })
  }
}

function readObject(
  client: S3Client,
  { Bucket, Key }: { Bucket: string; Key: string },
): Promise<string> {
  return readingAgain(async () => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
    return async () => (await Body?.transformToString()) ?? ''
  })
}

/** So often a body is begun that breaks off: the SDK tries again only until it begins. */
const BODIES = 4

async function readingAgain<T>(open: () => Promise<() => Promise<T>>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const take = await open()
    try {
      return await take()
    } catch (error) {
      if (attempt === BODIES) throw error
    }
  }
}

async function createIfAbsent(
  client: S3Client,
  put: { Bucket: string; Key: string; Body: string },
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(new PutObjectCommand({ ...put, IfNoneMatch: '*' }))
      return true
    } catch (error) {
      const refusal = error instanceof Error ? error.name : ''
      if (refusal === 'PreconditionFailed') {
        // Where the answer to the put that won was lost, the SDK's next attempt finds what the first one wrote.
        return attemptsOf(error) > 1 && put.Body === (await readObject(client, put))
      }
      // Two writers at the same time: S3 lets neither win and asks to try again.
      if (refusal !== 'ConditionalRequestConflict' || attempt === 5) throw error
    }
  }
}

function attemptsOf(error: unknown): number {
  return (error as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 1
}

async function uploadParts(
  client: S3Client,
  target: { Bucket: string; Key: string },
  path: string,
): Promise<void> {
  const { size } = await stat(path)
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target))
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = []
    for (let at = 0; at < size; at += PART_BYTES) {
      const PartNumber = Parts.length + 1
      const Body = await readPart(path, at, Math.min(PART_BYTES, size - at))
      const { ETag } = await client.send(
        new UploadPartCommand({ ...target, UploadId, PartNumber, Body }),
      )
      Parts.push({ PartNumber, ETag })
    }
    const MultipartUpload = { Parts }
    await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }))
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId }))
    throw error
  }
}

async function readPart(path: string, position: number, length: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(length)
    const { bytesRead } = await file.read(buffer, 0, length, position)
    if (bytesRead !== length) throw new Error(`${path} ends before byte ${position + length}`)
    return buffer
  } finally {
    await file.close()
  }
}
