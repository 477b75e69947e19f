import { BackupClient, DescribeGlobalSettingsCommand } from '@aws-sdk/client-backup'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { defineTable, string } from '../lake/table.ts'
import { defineCollector } from './collector.ts'

const tables = {
  backup_global_settings: defineTable(
    'AWS Backup’s settings of the account within its organization, one row each; none outside of one.',
    {
      name: string('Setting: `isCrossAccountBackupEnabled`, `isMpaEnabled` …'),
      value: string('`true` or `false`.'),
    },
  ),
}

/** What AWS Backup may do across accounts. */
export default defineCollector({
  service: 'backup',
  scope: 'account',
  actions: ['backup:DescribeGlobalSettings'],
  tables,
  async collect(cell) {
    await cell.read('backup_global_settings', async () => {
      // The request has no input that could be invalid: what is refused is an account outside of any organization.
      const answer = await absentIf(['InvalidRequestException'], () =>
        cell.call(BackupClient, new DescribeGlobalSettingsCommand({})),
      )
      if (!answer) return
      for (const [name, value] of Object.entries(told(answer, 'GlobalSettings'))) {
        await cell.put('backup_global_settings', { name, value })
      }
    })
  },
})
