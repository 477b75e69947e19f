import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of many whole audits: begun last, they would keep one core waiting for the other. */
const LONG = [
  'lambdas/pipeline',
  'securityhub/life',
  'docs-commands',
  'cli/powers',
  'audit',
  'faults/lasting',
  'faults/accounts',
  'faults/organization',
  'faults/passing',
  'soak/kills',
  'cli/cli',
  'securityhub/publish',
].map((name) => `/test/${name}.test.ts`)

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(name))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

// Every file loads the same clients of AWS, in a process of its own.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'strongroom-compile-cache')

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/peers/**', 'node_modules/**'],
    globalSetup: 'test/support/own-temporary-folder.ts',
    // One more than there are cores: many tests wait for a retry, or for a quota to refill.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    testTimeout: 240_000,
    hookTimeout: 300_000,
  },
})
