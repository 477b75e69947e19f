import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BlastRadius } from '../../lib/ask/blast-radius.ts'
import type { WhoCan } from '../../lib/ask/who-can.ts'
import { runBlastRadius } from '../../lib/cli/blast-radius.ts'
import type { Output } from '../../lib/cli/output.ts'
import { runWhatIf, type WhatIfFlags } from '../../lib/cli/what-if.ts'
import { runWhoCan, type WhoCanFlags } from '../../lib/cli/who-can.ts'
import { renderWhoCan } from '../../lib/report/who-can-text.ts'
import type { WhatIf } from '../../lib/what-if/what-if.ts'
import type { PlantedPrincipal, PowerName } from '../../simulator/organization/principals.ts'
import {
  askLake,
  findingsOf,
  NOW,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'

let simulated: SimulatedOrganization
let lake: string
let runId: string

beforeAll(async () => {
  simulated = await simulate()
  lake = await temporaryFolder()
  runId = (await simulated.audit({ lake })).run_id
})
afterAll(() => simulated.close())

/** What a command prints, and nothing beside it. */
async function printed(run: (output: Output) => Promise<number>): Promise<string> {
  let text = ''
  const output: Output = {
    print: (piece) => {
      text += piece
    },
    note: () => undefined,
    interactive: false,
    colour: false,
    width: 100,
  }
  expect(await run(output)).toBe(0)
  return text
}

async function whoCan(power: string, flags: Partial<WhoCanFlags> = {}): Promise<WhoCan> {
  const all = { power, lake, run: runId, json: true, ...flags }
  return JSON.parse(await printed((output) => runWhoCan(all, output)))
}

async function blastRadius(principal: string): Promise<BlastRadius> {
  const flags = { principal, lake, json: true }
  return JSON.parse(await printed((output) => runBlastRadius(flags, output)))
}

async function whatIf(flags: Partial<WhatIfFlags>): Promise<WhatIf> {
  const all = { lake, json: true, ...flags }
  return JSON.parse(await printed((output) => runWhatIf(all, output, { clock: () => NOW })))
}

async function policyFile(...Statement: object[]): Promise<string> {
  const file = join(await temporaryFolder(), 'proposal.json')
  await writeFile(file, JSON.stringify({ Version: '2012-10-17', Statement }, undefined, 2))
  return file
}

const accountOf = (name: string) =>
  simulated.organization.state.accounts.get(name)?.account.Id ??
  [...simulated.organization.state.accounts.values()].find(({ account }) => account.Name === name)
    ?.account.Id ??
  ''

/** Everyone whom the generator planted in accounts that can be read. */
function planted(): PlantedPrincipal[] {
  return [...simulated.organization.principals]
    .filter(([name]) => name !== 'legacy-erp-prod' && name !== 'decommissioned-web')
    .flatMap(([, own]) => own)
    .filter(({ part }) => part !== 'service_linked')
}

function holders(power: PowerName, serviceOf: (service: string) => boolean): string[] {
  return planted()
    .filter(({ full, powers }) =>
      [...full, ...(powers[power] ?? [])].some((one) => one === '*' || serviceOf(one)),
    )
    .map(({ arn }) => arn)
    .sort()
}

describe('who-can', () => {
  // Of AWS Backup's own role the generator tells no more than what its policies give without a condition.
  test.each([
    ['destroy-backups', 'destroy_backups', /^(backup|dynamodb|ec2|fsx|rds)$/],
    ['unlock-vaults', 'unlock_vaults', /^(backup|ec2|fsx)$/],
    ['destroy-keys', 'destroy_keys', /^kms$/],
  ] as const)('names exactly those who were planted with %s', async (power, name, services) => {
    const { holders: found } = await whoCan(power)
    expect(found.map(({ arn }) => arn).sort()).toEqual(holders(name, (one) => services.test(one)))
    expect(found.every(({ over }) => over.every(({ statements }) => statements.length > 0))).toBe(
      true,
    )
  })

  test('tells the chain that leads into another account, from where people sign in', async () => {
    const management = accountOf('management')
    const member = accountOf('payments-test')
    const { holders: found } = await whoCan('destroy-backups', { account: member })
    expect(new Set(found.map(({ account_id }) => account_id))).toEqual(new Set([member]))
    const way = found.find(({ arn }) => arn.endsWith('role/OrganizationAccountAccessRole'))
      ?.ways_in[0]
    expect(way?.kind).toBe('federated')
    expect(way?.decision).toBe('allowed')
    expect(
      way?.steps.map(({ from, to }) =>
        [from, to].map((arn) => `${arn.split(':')[4]} ${arn.split('/').at(-1)}`),
      ),
    ).toEqual([
      [
        `${management} AWSSSO_0123456789abcdef_DO_NOT_DELETE`,
        `${management} AWSReservedSSO_AdministratorAccess_0f1e2d3c4b5a6978`,
      ],
      [
        `${management} AWSReservedSSO_AdministratorAccess_0f1e2d3c4b5a6978`,
        `${member} OrganizationAccountAccessRole`,
      ],
    ])
  })

  test('names services that become a role', async () => {
    const { holders: found } = await whoCan('restore', { account: accountOf('analytics-prod') })
    const automation = found.find(({ arn }) => arn.endsWith('/restore-automation'))
    expect(automation?.ways_in.map(({ kind, origin }) => [kind, origin])).toEqual([
      ['service', 'lambda.amazonaws.com'],
    ])
  })

  test('says of which accounts it is not known', async () => {
    const { not_known } = await whoCan('destroy-backups')
    expect(not_known.map(({ account_name, cause }) => [account_name, cause]).sort()).toEqual([
      ['decommissioned-web', 'suspended'],
      ['legacy-erp-prod', 'role_missing'],
    ])
    const one = await whoCan('destroy-backups', { account: accountOf('legacy-erp-prod') })
    expect(one.holders).toEqual([])
    expect(one.not_known.map(({ cause }) => cause)).toEqual(['role_missing'])
  })

  test('narrows to who reaches a vault, and says where nobody does', async () => {
    const account = accountOf('sandbox-dev')
    const vaults = await askLake(
      lake,
      `select v.arn from backup_vaults as v left join backup_vault_policies as p on p.vault_arn = v.arn
       where v.account_id = '${account}' and v.vault_type = 'BACKUP_VAULT' and p.vault_arn is null
         and not coalesce(v.locked, false)`,
    )
    const [open] = vaults
    const { holders: found } = await whoCan('destroy-backups', { resource: String(open?.arn) })
    const able = planted()
      .filter(({ arn }) => arn.split(':')[4] === account)
      .filter(({ full, powers }) =>
        [...full, ...(powers.destroy_backups ?? [])].some((one) => one === '*' || one === 'backup'),
      )
    expect(found.map(({ arn }) => arn).sort()).toEqual(able.map(({ arn }) => arn).sort())

    const locked = await askLake(
      lake,
      `select arn from backup_vaults where locked and lock_date < timestamp '2026-11-01 00:00:00' limit 1`,
    )
    const none = await whoCan('destroy-backups', { resource: String(locked[0]?.arn) })
    expect(none.holders).toEqual([])
    expect(none.notes.join('\n')).toMatch(/nobody: .* is locked in compliance mode/)
  })

  test('narrows to who restores what a vault holds', async () => {
    const account = accountOf('sandbox-dev')
    const [vault] = await askLake(
      lake,
      `select v.arn from backup_vaults as v left join backup_vault_policies as p on p.vault_arn = v.arn
       where v.account_id = '${account}' and v.vault_type = 'BACKUP_VAULT' and p.vault_arn is null`,
    )
    const { holders: found } = await whoCan('restore', { resource: String(vault?.arn) })
    expect(found.map(({ arn }) => arn).sort()).toEqual(
      holders('restore', (one) => one === 'backup').filter((arn) => arn.split(':')[4] === account),
    )
  })

  test('prints control characters of names as text', async () => {
    const answer = await whoCan('destroy-backups', { account: accountOf('analytics-prod') })
    const [first, ...others] = answer.holders
    if (!first) throw new Error('nobody was found')
    const named = { ...first, account_name: 'clear\u001b[2J\u0007' }
    const text = renderWhoCan({ ...answer, holders: [named, ...others] }, { colour: false })
    expect(text).toContain('o.brien+data=ops@example')
    expect(text).toContain(String.raw`clear\u001b[2J\u0007`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  })

  test.each([
    [{ power: 'destroy-backup' }, /no power "destroy-backup"; did you mean destroy-backups\?/],
    [
      { power: 'restore', account: '000000000000' },
      /knows no account 000000000000; there are .*payments-prod/,
    ],
    [
      { power: 'restore', run: '20200101T000000Z-aaaaaa' },
      /no complete run "20200101T000000Z-aaaaaa"/,
    ],
    [{ power: 'restore', resource: 'workload' }, /"workload" is no ARN/],
    [
      { power: 'destroy-keys', resource: 'arn:aws:kms:eu-west-1:111122223333:key/none' },
      /knows no arn.*the nearest are arn:aws:kms/,
    ],
  ])('refuses %o', async (flags, message) => {
    await expect(whoCan(flags.power, flags)).rejects.toThrow(message)
  })

  test('refuses a power that is none over the resource, and names those that are', async () => {
    const [vault] = await askLake(lake, 'select arn from backup_vaults limit 1')
    await expect(whoCan('destroy-keys', { resource: String(vault?.arn) })).rejects.toThrow(
      /destroy-keys is no power over .*unlock-vaults/,
    )
  })
})

describe('blast-radius', () => {
  test('follows the organization’s way into every account that has it', async () => {
    const management = accountOf('management')
    const name = 'AWSReservedSSO_AdministratorAccess_0f1e2d3c4b5a6978'
    const answer = await blastRadius(
      `arn:aws:iam::${management}:role/aws-reserved/sso.amazonaws.com/eu-west-1/${name}`,
    )
    const entered = planted()
      .filter(({ arn }) => arn.endsWith(':role/OrganizationAccountAccessRole'))
      .map(({ arn }) => arn.split(':')[4])
    expect(answer.accounts).toEqual([...new Set([management, ...entered])].sort())
    expect(answer.becomes.every(({ steps }) => steps.length > 0)).toBe(true)
    const janitor = answer.becomes.find(({ who }) => who.endsWith('/janitor-dev'))
    expect(janitor?.steps.map(({ how }) => how)).toEqual(['sts:AssumeRole', expect.any(String)])
    // Roles of Identity Center can be changed by AWS alone.
    expect(answer.becomes.filter(({ who }) => who.includes('AWSReservedSSO'))).toEqual([])
  })

  test('of who may destroy stores, but no backup in a vault, backups survive', async () => {
    const account = accountOf('analytics-prod')
    const answer = await blastRadius(`arn:aws:iam::${account}:user/o.brien+data=ops@example`)
    expect(answer.becomes).toEqual([])
    const gone = answer.stores.filter(({ loss }) => loss?.decision === 'allowed')
    const types = new Set(gone.map(({ resource_type }) => resource_type))
    expect([...types].sort()).toEqual(['Aurora', 'DynamoDB', 'EBS', 'EFS', 'RDS'])
    const stay = answer.stores.filter(({ loss }) => loss === null)
    expect(new Set(stay.map(({ resource_type }) => resource_type))).toEqual(
      new Set(
        answer.stores.map(({ resource_type }) => resource_type).filter((type) => !types.has(type)),
      ),
    )
    const places = gone.flatMap(({ backups }) => backups)
    expect(places.filter(({ place, loss }) => place === 'vault' && loss)).toEqual([])
    expect(places.filter(({ place, loss }) => place === 'store' && !loss)).toEqual([])
    expect(
      gone.filter(
        ({ restorable, backups }) =>
          restorable === false && backups.some(({ place }) => place === 'vault'),
      ),
    ).toEqual([])
    expect(answer.keys).toEqual([])
  })

  test('tells what is under a lock, and that its keys can go', async () => {
    const account = accountOf('payments-test')
    const answer = await blastRadius(`arn:aws:iam::${account}:role/platform-admin`)
    const places = answer.stores
      .flatMap(({ backups }) => backups)
      .filter(({ place }) => place === 'vault')
    const locked = places.filter(({ kept }) => kept === 'locked in compliance mode')
    expect(locked.length).toBeGreaterThan(0)
    expect(locked.some(({ unreadable }) => unreadable)).toBe(true)
    expect(answer.vaults.some(({ loss }) => loss?.decision === 'allowed')).toBe(true)
    expect(answer.keys.length).toBeGreaterThan(0)
  })

  test('never says that nothing is left where backups could not be read', async () => {
    const account = accountOf('payments-test')
    const answer = await blastRadius(`arn:aws:iam::${account}:role/platform-admin`)
    expect(answer.stores.filter(({ restorable }) => restorable === false)).toEqual([])
    expect(answer.stores.some(({ restorable }) => restorable === null)).toBe(true)
    expect(answer.not_known.some(({ account_id }) => account_id === account)).toBe(true)
  })

  test('names who is near where there is no such principal, and whose accounts were not read', async () => {
    const account = accountOf('analytics-prod')
    await expect(blastRadius(`arn:aws:iam::${account}:role/platform-admim`)).rejects.toThrow(
      /knows no principal .*the nearest are .*platform-admin/,
    )
    await expect(
      blastRadius(`arn:aws:iam::${accountOf('legacy-erp-prod')}:role/any`),
    ).rejects.toThrow(/legacy-erp-prod were not read/)
  })
})

describe('what-if', () => {
  const nothing = { Effect: 'Deny', Action: 'sumerian:*', Resource: '*' }
  const tampering = {
    Sid: 'Keep',
    Effect: 'Deny',
    Action: [
      'backup:DeleteRecoveryPoint',
      'backup:DeleteBackupVaultLockConfiguration',
      'kms:ScheduleKeyDeletion',
    ],
    Resource: '*',
  }

  test('of a policy that forbids nothing that matters changes no finding and no score', async () => {
    const answer = await whatIf({ scp: await policyFile(nothing) })
    expect(answer.changes).toEqual([])
    expect(answer.controls).toEqual([])
    expect(answer.score.after).toEqual(answer.score.before)
  })

  test('of an SCP on an account changes that one alone, and leaves the lake as it was, and no folder behind', async () => {
    const [before, folders] = [await contentsOf(lake), await temporaryFolders()]
    const account = accountOf('analytics-prod')
    const { changes, controls, score } = await whatIf({
      scp: await policyFile(tampering),
      target: [account],
    })
    expect(new Set(changes.map(({ account_id }) => account_id))).toEqual(new Set([account]))
    expect(changes).toContainEqual(
      expect.objectContaining({
        control_id: 'scps-deny-backup-tampering',
        before: 'fail',
        after: 'pass',
      }),
    )
    expect(controls.map(({ id }) => id)).toContain('scps-deny-backup-tampering')
    expect(score.after.value).toBeGreaterThan(score.before.value ?? 1)
    expect(await contentsOf(lake)).toEqual(before)
    expect((await temporaryFolders()).filter((name) => !folders.includes(name))).toEqual([])
  })

  test('of a vault policy judges that vault with it, also where its own cannot be understood', async () => {
    const file = await policyFile({
      Effect: 'Deny',
      Principal: '*',
      Action: [
        'backup:DeleteRecoveryPoint',
        'backup:UpdateRecoveryPointLifecycle',
        'backup:PutBackupVaultAccessPolicy',
        'backup:DeleteBackupVaultAccessPolicy',
        'backup:DeleteBackupVault',
      ],
      Resource: '*',
    })
    const found = (await findingsOf(lake, runId)).filter(
      ({ control_id }) => control_id === 'vaults-have-a-policy',
    )
    for (const status of ['fail', 'unknown']) {
      const vault = found.find(
        (one) => one.status === status && one.resource_arn.includes(':backup-vault:'),
      )
      if (!vault) throw new Error(`no vault of which it is ${status}`)
      const { changes } = await whatIf({ vaultPolicy: file, target: [vault.resource_arn] })
      expect(changes).toContainEqual(
        expect.objectContaining({
          control_id: 'vaults-have-a-policy',
          resource_arn: vault.resource_arn,
          before: status,
          after: 'pass',
        }),
      )
    }
  })

  test('prints what changes, and where a policy is malformed', async () => {
    const scp = await policyFile(tampering)
    const text = await printed((output) =>
      runWhatIf({ scp, lake, json: false }, output, { clock: () => NOW }),
    )
    expect(text).toMatch(/REL09-BP02 score {2}\d+\.\d% .* → \d+\.\d%/)
    expect(text).toMatch(/scps-deny-backup-tampering +\d+\.\d%.*100\.0%/)
    const wrong = await policyFile(nothing, { Effect: 'Forbid', Action: 'backup', Resource: '*' })
    await expect(whatIf({ scp: wrong })).rejects.toThrow(
      /proposal\.json:10: Statement\[1\]\.Effect is "Forbid".*\n.*:11: Statement\[1\]\.Action is "backup"/,
    )
    await expect(whatIf({ vaultPolicy: scp })).rejects.toThrow(
      /Statement\[0\]\.Principal is missing/,
    )
    await expect(whatIf({})).rejects.toThrow(/give one policy/)
    await expect(whatIf({ scp, target: ['ou-none'] })).rejects.toThrow(
      /no account, OU or root ou-none; the nearest are/,
    )
  })
})

describe('the program', () => {
  const program = new URL('../../bin/strongroom.ts', import.meta.url).pathname

  async function strongroom(...args: string[]) {
    const child = spawn(process.execPath, [program, ...args, '--lake', lake], {
      env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr, [code]] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      once(child, 'close'),
    ])
    return { code, stdout, stderr }
  }

  test('answers as JSON alone, needs no credentials, and ends with 0', async () => {
    const account = accountOf('analytics-prod')
    const who = await strongroom('who-can', 'destroy-backups', '--account', account, '--json')
    expect([who.code, who.stderr]).toEqual([0, ''])
    expect(JSON.parse(who.stdout).holders.length).toBeGreaterThan(0)
    const blast = await strongroom('blast-radius', `arn:aws:iam::${account}:role/platform-admin`)
    expect([blast.code, blast.stderr]).toEqual([0, ''])
    expect(blast.stdout).toMatch(/^If it falls: arn:aws:iam::\d{12}:role\/platform-admin\n/)
    expect(blast.stdout).toMatch(/It can destroy \d+ keys/)
  })

  test('ends with 2 and a message for what the caller can mend', async () => {
    const scp = await policyFile({ Effect: 'Deny', Action: 'backup:*' })
    const wrong = await Promise.all([
      strongroom('who-can', 'destroy-everything'),
      strongroom('blast-radius', 'platform-admin'),
      strongroom('what-if', '--scp', scp, '--target', 'root', accountOf('analytics-prod')),
    ])
    expect(wrong.map(({ code, stdout }) => [code, stdout])).toEqual([
      [2, ''],
      [2, ''],
      [2, ''],
    ])
    const [power, principal, policy] = wrong.map(({ stderr }) => stderr)
    expect(power).toMatch(/there is no power "destroy-everything"; did you mean/)
    expect(principal).toMatch(
      /knows no principal "platform-admin"; the nearest are arn:.*platform-admin/,
    )
    expect(policy).toMatch(/proposal\.json:\d+: Statement\[0\]\.Resource is missing/)
  })
})

test('what-if finds what an audit finds once the policy is in place', async () => {
  const small = await simulate({ accounts: 4, regions: 2, story: false })
  try {
    const before = await temporaryFolder()
    await small.audit({ lake: before })
    const statement = {
      Effect: 'Deny',
      Action: ['backup:Delete*', 'kms:ScheduleKeyDeletion', 'kms:DisableKey', 'rds:Delete*'],
      Resource: '*',
    }
    const scp = await policyFile(statement)
    const answer = JSON.parse(
      await printed((output) =>
        runWhatIf({ scp, lake: before, json: true }, output, { clock: () => NOW }),
      ),
    ) as WhatIf
    expect(answer.changes.length).toBeGreaterThan(0)

    const { state } = small.organization
    const Id = 'p-proposed01'
    state.policies?.policies.push({
      summary: {
        Id,
        Arn: `arn:aws:organizations::${state.managementAccountId}:policy/${state.id}/service_control_policy/${Id}`,
        Name: 'proposal.json',
        Type: 'SERVICE_CONTROL_POLICY',
        AwsManaged: false,
      },
      content: await readFile(scp, 'utf8'),
      targets: answer.targets,
    })
    const after = await temporaryFolder()
    const { run_id } = await small.audit({ lake: after })
    const found = new Map(
      (await findingsOf(after, run_id)).map((one) => [
        `${one.control_id} ${one.account_id} ${one.region} ${one.resource_arn}`,
        one.status,
      ]),
    )
    const [runBefore] = await readdir(join(before, 'runs'))
    const expected = new Map(
      (await findingsOf(before, String(runBefore))).map((one) => [
        `${one.control_id} ${one.account_id} ${one.region} ${one.resource_arn}`,
        one.status,
      ]),
    )
    for (const { control_id, account_id, region, resource_arn, after: status } of answer.changes) {
      const key = `${control_id} ${account_id} ${region} ${resource_arn}`
      if (status === null) expected.delete(key)
      else expected.set(key, status)
    }
    expect([...expected].sort()).toEqual([...found].sort())
  } finally {
    await small.close()
  }
})

/** Every file of a folder with a hash of what it holds. */
async function contentsOf(folder: string): Promise<string[]> {
  const files = globSync('**/*', { cwd: folder, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return Promise.all(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map(
        async (file) =>
          `${file} ${createHash('sha256')
            .update(await readFile(file))
            .digest('hex')}`,
      ),
  )
}

async function temporaryFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('strongroom-what-if-'))
}
