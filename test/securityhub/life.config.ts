import { defineConfig } from 'vitest/config'

/** The life of an organization over ten runs: minutes of audits, which `npm test` leaves out. */
export default defineConfig({ test: { include: ['test/securityhub/life.test.ts'] } })
