import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms'
import { expect, test } from 'vitest'
import { callerSession } from '../../lib/aws/session.ts'

test.each([200, 400])(
  'input of a call answered with %i is read to be sent, and for no log',
  async (status) => {
    const server = createServer((_, response) => response.writeHead(status).end('{}'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const settings = {
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'never told' },
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      homeRegion: 'us-east-1',
      budgetShare: 1,
      clock: () => new Date(),
    }
    const session = callerSession({ ...settings, maxAttempts: 1 }, '111111111111')
    const readBy: string[] = []
    const input = {
      get KeyId() {
        readBy.push(new Error('read').stack ?? '')
        return 'key'
      },
    }
    const counters = { calls: 0, retries: 0, throttles: 0 }
    await session
      .send(KMSClient, new ListAliasesCommand(input), { region: 'us-east-1', counters })
      .catch(() => undefined)
    session.close()
    server.close()
    expect(counters.calls).toBe(1)
    expect(readBy.some((stack) => stack.includes('serializeRequest'))).toBe(true)
    expect(readBy.filter((stack) => /LogFilter|loggerMiddleware/.test(stack))).toEqual([])
  },
)
