import { newRunId, type Run } from '../lib/run.ts'

/** A run that begins now, of accounts that were all to be read. */
export function madeUpRun(accountIds: string[], regions: string[]): Run {
  const now = new Date()
  return {
    run_id: newRunId(now),
    version: 'bench',
    started_at: now.toISOString(),
    as_of: now.toISOString(),
    config_hash: '',
    scope_complete: true,
    discovery_calls: { calls: 0, retries: 0, throttles: 0 },
    discovery: {
      caller_account_id: accountIds[0] ?? '',
      partition: 'aws',
      organization_id: null,
      accounts: accountIds.map((account_id) => ({
        account_id,
        arn: `arn:aws:iam::${account_id}:root`,
        name: `account ${account_id}`,
        state: 'ACTIVE',
        ou_path: null,
        is_management: false,
        not_audited_reason: null,
      })),
      regions,
    },
  }
}
