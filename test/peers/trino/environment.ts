import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Lake, openLake } from '../../../lib/lake/lake.ts'
import { temporaryFolder } from '../../support/simulated.ts'
import { serveBucket } from './bucket.ts'
import { openTrino, type Trino } from './engine.ts'
import { startTrino } from './server.ts'

export const BUCKET = 'lake'

/** A lake in a bucket, and a Trino that reads and writes it. */
export interface TrinoPeers {
  /** The folder behind the bucket. */
  folder: string
  lake: Lake
  trino(schema: string): Trino
  close(): Promise<void>
}

/** Starts both. What Trino's release on Maven Central reads is S3 alone; so the lake's folder is served as a bucket. */
export async function startTrinoPeers(): Promise<TrinoPeers> {
  const folder = await temporaryFolder()
  const at = { lake: join(folder, 'lake'), trino: join(folder, 'trino') }
  for (const path of Object.values(at)) await mkdir(path)
  const bucket = await serveBucket(BUCKET, at.lake)
  const close = async () => {
    await bucket.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const server = await startTrino(at.trino, { endpoint: bucket.url, bucket: BUCKET })
    const root = `s3://${BUCKET}`
    return {
      folder: at.lake,
      lake: { ...openLake(at.lake), root, path: (name) => `${root}/${name}` },
      trino: (schema) => openTrino(server.url, schema),
      async close() {
        await server.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
