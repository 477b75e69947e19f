import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { simulate } from '../../lib/cli/simulated.ts'
import { temporaryFolder } from '../support/simulated.ts'

const PROGRAM = new URL('../../bin/strongroom.ts', import.meta.url).pathname

// Its clock is the machine's: what credentials last is told by it.
let simulated: Awaited<ReturnType<typeof simulate>>
let audit: string
let config: string

/** An organization whose audit account is entered by one role, and asked through a second one. */
beforeAll(async () => {
  simulated = await simulate({ seed: 1, accounts: 3, regions: 1, now: new Date() })
  const { state } = simulated.organization
  const [id, account] = [...state.accounts].find(([, { users }]) => users.length > 0) ?? []
  const user = account?.users[0]
  if (!id || !user) throw new Error('the audit account has no user')
  audit = id
  const role = { trustedAccounts: [id], deny: [] }
  account.roles.push({ ...role, name: 'Entry', allow: ['sts:AssumeRole'] })
  account.roles.push({ ...role, name: 'Reader', allow: [...user.allow], externalId: 'chained' })
  const folder = await temporaryFolder()
  config = join(folder, 'strongroom.yaml')
  await writeFile(config, `external_id: ${simulated.organization.externalId}\n`)
})
afterAll(() => simulated.simulator.close())

/** Runs `doctor` by a profile of the given AWS configuration, in a home of its own. */
async function doctor(
  profile: string,
  awsConfig: string,
  more: { home?: string; sso?: string } = {},
) {
  const home = more.home ?? (await temporaryFolder())
  const file = join(home, 'config')
  await writeFile(file, awsConfig)
  const child = spawn(
    process.execPath,
    [PROGRAM, 'doctor', '--profile', profile, '--config', config, '--json'],
    {
      env: {
        PATH: process.env.PATH ?? '',
        HOME: home,
        AWS_CONFIG_FILE: file,
        AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_REGION: 'us-east-1',
        AWS_ENDPOINT_URL: simulated.simulator.url,
        ...(more.sso ? { AWS_ENDPOINT_URL_SSO: more.sso } : {}),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, stdout, stderr }
}

function expectWell({ code, stdout, stderr }: Awaited<ReturnType<typeof doctor>>) {
  expect(code, stderr + stdout).toBe(0)
  const checks: { status: string; what: string }[] = JSON.parse(stdout)
  expect(checks[0]).toMatchObject({ status: 'ok', what: 'the organization can be listed' })
  const entered = checks.filter(({ what }) => what.includes('can be assumed'))
  expect(entered.map(({ status }) => status)).toEqual(entered.map(() => 'ok'))
  expect(entered.length).toBeGreaterThan(1)
}

const keys = () => {
  const { accessKeyId, secretAccessKey } = simulated.organization.credentials
  return `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
}
const chain = () => `
[profile base]
${keys()}
[profile entry]
role_arn = arn:aws:iam::${audit}:role/Entry
source_profile = base
[profile reader]
role_arn = arn:aws:iam::${audit}:role/Reader
external_id = chained
source_profile = entry
`

test('a chain of roles is assumed role by role, each once', async () => {
  const before = simulated.simulator.calls.get('sts:AssumeRole') ?? 0
  const ran = await doctor('reader', chain())
  expectWell(ran)
  const members = JSON.parse(ran.stdout).filter(({ what }: { what: string }) =>
    what.includes('can be assumed'),
  ).length
  const after = simulated.simulator.calls.get('sts:AssumeRole') ?? 0
  expect(after - before).toBe(2 + members)
})

test('a chain whose role does not trust is told, and is no audit', async () => {
  const { stdout, stderr, code } = await doctor('reader', chain().replace('= chained', '= other'))
  expect(code).toBe(3)
  expect(stdout + stderr).toMatch(/not authorized to perform: sts:AssumeRole/)
})

test('a process hands out credentials, and is started once', async () => {
  const home = await temporaryFolder()
  const { accessKeyId, secretAccessKey } = simulated.organization.credentials
  const answer = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey }
  const script = join(home, 'credentials.sh')
  await writeFile(
    script,
    `#!/bin/sh\necho >> "${home}/started"\necho '${JSON.stringify(answer)}'\n`,
  )
  await chmod(script, 0o755)
  expectWell(await doctor('tool', `[profile tool]\ncredential_process = ${script}\n`, { home }))
  expect(await readFile(join(home, 'started'), 'utf8')).toBe('\n')
})

test('a session of IAM Identity Center is taken from where `aws sso login` left its token', async () => {
  const sts = new STSClient({
    region: 'us-east-1',
    endpoint: simulated.simulator.url,
    credentials: simulated.organization.credentials,
  })
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${audit}:role/Reader`,
      RoleSessionName: 'somebody',
      ExternalId: 'chained',
    }),
  )
  sts.destroy()
  const asked: (string | string[] | undefined)[] = []
  const portal = createServer((request, response) => {
    asked.push(request.url, request.headers['x-amz-sso_bearer_token'])
    response.setHeader('content-type', 'application/json').end(
      JSON.stringify({
        roleCredentials: {
          accessKeyId: Credentials?.AccessKeyId,
          secretAccessKey: Credentials?.SecretAccessKey,
          sessionToken: Credentials?.SessionToken,
          expiration: Date.now() + 3_600_000,
        },
      }),
    )
  })
  portal.listen(0, '127.0.0.1')
  await once(portal, 'listening')
  const home = await temporaryFolder()
  const cache = join(home, '.aws/sso/cache')
  await mkdir(cache, { recursive: true })
  const name = createHash('sha1').update('work').digest('hex')
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  await writeFile(join(cache, `${name}.json`), JSON.stringify({ accessToken: 'token', expiresAt }))
  const sso = `http://127.0.0.1:${(portal.address() as AddressInfo).port}`
  const ran = await doctor(
    'person',
    `[profile person]
sso_session = work
sso_account_id = ${audit}
sso_role_name = Reader
[sso-session work]
sso_region = eu-central-1
sso_start_url = https://example.awsapps.com/start
`,
    { home, sso },
  )
  portal.close()
  expectWell(ran)
  expect(asked).toEqual([`/federation/credentials?account_id=${audit}&role_name=Reader`, 'token'])
})
