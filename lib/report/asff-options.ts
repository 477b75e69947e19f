import type { Config } from '../config/schema.ts'
import { loadControls } from '../engine/controls.ts'
import type { Table } from '../lake/table.ts'
import type { Run } from '../run.ts'
import type { ReportOptions } from './write-report.ts'

/** What the findings of a run are written with, as Security Hub would be sent them. */
export function asffOptions(
  run: Run,
  {
    config,
    tables,
    homeRegion,
  }: { config: Config; tables: Record<string, Table>; homeRegion?: string | undefined },
): ReportOptions['asff'] {
  return {
    tables,
    controls: loadControls(),
    auditAccount: run.discovery.caller_account_id,
    partition: run.discovery.partition,
    homeRegion: config.securityhub.home_region ?? homeRegion ?? 'us-east-1',
    mode: config.securityhub.mode,
    asOf: new Date(run.as_of),
  }
}
