import { BackupClient, ListBackupVaultsCommand } from '@aws-sdk/client-backup'
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms'
import { afterEach, expect, it, vi } from 'vitest'
import type { SdkClient } from '../../lib/aws/meter.ts'
import { callerSession } from '../../lib/aws/session.ts'

// What the environment says of endpoints is read once for all clients of an account, and holds for each of them.

const hosts: string[] = []

/** Keeps the host that it would call, and calls none. */
function unsent<Client extends SdkClient>(client: Client): Client {
  const { middlewareStack } = client as unknown as typeof BackupClient.prototype
  middlewareStack.add(
    () => async (args) => {
      hosts.push((args.request as { hostname: string }).hostname)
      throw Object.assign(new Error('not sent'), { name: 'AccessDeniedException' })
    },
    { step: 'finalizeRequest', priority: 'low' },
  )
  return client
}
class UnsentBackup extends BackupClient {
  constructor(configuration: never) {
    super(configuration)
    unsent(this)
  }
}
class UnsentKms extends KMSClient {
  constructor(configuration: never) {
    super(configuration)
    unsent(this)
  }
}

afterEach(() => {
  vi.unstubAllEnvs()
  hosts.length = 0
})

async function called(): Promise<string[]> {
  const session = callerSession(
    {
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
      endpoint: undefined,
      homeRegion: 'us-east-1',
      budgetShare: 0.5,
      clock: () => new Date(),
    },
    '111111111111',
  )
  const counters = { calls: 0, retries: 0, throttles: 0 }
  for (const region of ['us-east-1', 'us-west-2']) {
    const options = { region, counters }
    const vaults = session.send(UnsentBackup, new ListBackupVaultsCommand({}), options)
    await expect(vaults).rejects.toThrow('not sent')
    const keys = session.send(UnsentKms, new ListKeysCommand({}), options)
    await expect(keys).rejects.toThrow('not sent')
  }
  session.close()
  return hosts
}

it('each service and Region has its own endpoint', async () => {
  expect(await called()).toEqual([
    'backup.us-east-1.amazonaws.com',
    'kms.us-east-1.amazonaws.com',
    'backup.us-west-2.amazonaws.com',
    'kms.us-west-2.amazonaws.com',
  ])
})

it('FIPS and dual-stack endpoints, where they are asked for, are asked of every client', async () => {
  vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true')
  vi.stubEnv('AWS_USE_DUALSTACK_ENDPOINT', 'true')
  expect(await called()).toEqual([
    'backup-fips.us-east-1.api.aws',
    'kms-fips.us-east-1.api.aws',
    'backup-fips.us-west-2.api.aws',
    'kms-fips.us-west-2.api.aws',
  ])
})
