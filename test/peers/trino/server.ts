import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, startServer, stopServer } from '../peers.ts'
import { trinoFolder, trinoVersion } from './install.ts'

export interface TrinoServer {
  url: string
  close(): Promise<void>
}

/** The heap: what the statements of a run take at the size of the demonstration. */
const HEAP = '-Xmx2G'

/** Where the lake is; Trino's own notes of the tables go there as well. */
export interface TrinoOptions {
  endpoint: string
  bucket: string
}

/**
 * Starts Trino with one catalog, `hive`: Parquet in S3, tables as they are declared, nothing inferred. Its settings are written to a
 * folder that is there.
 */
export async function startTrino(
  folder: string,
  { endpoint, bucket }: TrinoOptions,
): Promise<TrinoServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  mkdirSync(join(folder, 'catalog'))
  writeProperties(join(folder, 'config.properties'), {
    'node.environment': 'peers',
    'node.id': 'one',
    'node.internal-address': '127.0.0.1',
    coordinator: true,
    'node-scheduler.include-coordinator': true,
    'http-server.http.port': port,
    // It would write it to the folder that the tests run in.
    'http-server.log.enabled': false,
    'discovery.uri': url,
    // Planning takes most of the time: no joins are reordered or weighed, no filters passed on between them. Joins that are spread
    // out take no fewer stages than broadcasts.
    'optimizer.join-reordering-strategy': 'NONE',
    'join-distribution-type': 'PARTITIONED',
    'enable-dynamic-filtering': false,
    'spatial-joins-enabled': false,
    'enable-stats-calculator': false,
    'scale-writers': false,
    'redistribute-writes': false,
    'task.scale-writers.enabled': false,
    'task.concurrency': 1,
    'task.max-worker-threads': 4,
    'plugin.dir': join(trinoFolder, 'plugin'),
    'catalog.config-dir': join(folder, 'catalog'),
  })
  writeProperties(join(folder, 'catalog', 'hive.properties'), {
    'connector.name': 'hive',
    'hive.metastore': 'file',
    'hive.metastore.catalog.dir': `s3://${bucket}/trino`,
    // A table's folder need not be there before a run has written to it; nor need it in Glue.
    'hive.security': 'allow-all',
    'hive.metastore.disable-location-checks': true,
    'hive.metastore-cache-ttl': '1h',
    'hive.non-managed-table-writes-enabled': true,
    'hive.allow-register-partition-procedure': true,
    'hive.partition-projection-enabled': true,
    'hive.parquet.use-column-names': true,
    'hive.compression-codec': 'GZIP',
    'hive.table-statistics-enabled': false,
    'hive.collect-column-statistics-on-write': false,
    'fs.hadoop.enabled': false,
    'fs.native-s3.enabled': true,
    's3.endpoint': endpoint,
    's3.region': 'us-east-1',
    's3.path-style-access': true,
    's3.aws-access-key': 'testing',
    's3.aws-secret-key': 'testing',
  })
  const started = await startServer(
    'java',
    [
      HEAP,
      // It lives for minutes: what the second compiler would win is less than what it takes.
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-Dfile.encoding=UTF-8',
      '-Djdk.attach.allowAttachSelf=true',
      `-Dconfig=${join(folder, 'config.properties')}`,
      '-cp',
      join(trinoFolder, 'lib', '*'),
      join(import.meta.dirname, 'Start.java'),
      trinoVersion,
    ],
    {},
    (printed) => printed.includes('SERVER STARTED') || undefined,
  )
  return { url, close: () => stopServer(started.child) }
}

function writeProperties(
  file: string,
  properties: Record<string, string | number | boolean>,
): void {
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`)
  writeFileSync(file, lines.join(''))
}
