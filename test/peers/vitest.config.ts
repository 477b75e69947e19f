import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/peers/**/*.peer.test.ts'],
    globalSetup: 'test/support/own-temporary-folder.ts',
    // Most of the time is spent in other processes: a core left free would be left idle.
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
})
