import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../peers.ts'
import { installTrino, trinoVersion } from './install.ts'

// Apart from the other peers, which have Trino plan alone: to run it all takes minutes of a processor for what takes DuckDB seconds.
installTrino()
const config = join(import.meta.dirname, 'vitest.config.ts')
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    config,
    '--root',
    root,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
)
console.log(`peers: Trino ${trinoVersion}`)
process.exitCode = status ?? 1
