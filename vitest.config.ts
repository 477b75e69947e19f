import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of many whole audits: begun last, they would keep one core waiting for the other. */
const LONG = [
  'securityhub/life',
  'docs-commands',
  'cli/powers',
  'audit',
  'faults/lasting',
  'faults/accounts',
  'faults/organization',
  'faults/passing',
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

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/peers/**', 'node_modules/**'],
    // By default one core is left to others; here the tests are all there is.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    testTimeout: 240_000,
    hookTimeout: 300_000,
  },
})
