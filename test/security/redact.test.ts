import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2'
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms'
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { classifyError } from '../../lib/aws/causes.ts'
import { callerSession } from '../../lib/aws/session.ts'

const TOKEN = 'FwoGZXIvYXdzEJr//////////wEaDExample+Token=='
const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'never told', sessionToken: TOKEN }

/** What AWS answers to a signature that does not fit, in the three ways its services speak. */
const answers: Record<string, (canonical: string) => string> = {
  kms: (canonical) =>
    JSON.stringify({ __type: 'InvalidSignatureException', message: refusal(canonical) }),
  ec2: (canonical) =>
    `<Response><Errors><Error><Code>SignatureDoesNotMatch</Code><Message>${refusal(canonical)}</Message></Error></Errors></Response>`,
  s3: (canonical) =>
    `<Error><Code>SignatureDoesNotMatch</Code><Message>${refusal(canonical)}</Message></Error>`,
}

function refusal(canonical: string): string {
  return `The request signature we calculated does not match the signature you provided. The Canonical String for this request should have been\n'${canonical}'\n`
}

function canonicalOf({ method, headers }: IncomingMessage): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`)
  return `${method}\n/\n\n${lines.join('\n')}\n`
}

let endpoint: string
const server = createServer((request, response) => {
  const service = /\/\w[\w-]*\/(kms|ec2|s3)\/aws4_request/.exec(request.headers.authorization ?? '')
  response.writeHead(403)
  response.end(answers[service?.[1] ?? '']?.(canonicalOf(request)))
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

describe('a refused signature', () => {
  test.each([
    ['JSON', KMSClient, () => new ListKeysCommand({})],
    ['query', EC2Client, () => new DescribeVolumesCommand({})],
    ['XML', S3Client, () => new ListBucketsCommand({})],
  ])('is told without the session token that AWS repeats: %s', async (_, Client, command) => {
    const clock = () => new Date()
    const settings = { credentials, endpoint, homeRegion: 'us-east-1', budgetShare: 1, clock }
    const session = callerSession({ ...settings, maxAttempts: 1 }, '111111111111')
    const counters = { calls: 0, retries: 0, throttles: 0 }
    const failed: unknown = await session
      .send(Client, command(), { region: 'us-east-1', counters })
      .catch((error: unknown) => error)
    session.close()
    const { cause, detail } = classifyError(failed)
    expect(cause).toBe('error')
    expect(detail).toContain('x-amz-security-token:(not shown)')
    const kept = [detail, String(failed), failed instanceof Error ? failed.stack : ''].join('\n')
    expect(kept).not.toContain(TOKEN)
    expect(kept).not.toContain(TOKEN.slice(0, 12))
  })
})
