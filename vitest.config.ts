import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/peers/**', 'node_modules/**'],
    // By default one core is left to others; here the tests are all there is.
    maxWorkers: '100%',
    testTimeout: 240_000,
    hookTimeout: 300_000,
  },
})
