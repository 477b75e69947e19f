import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadCollectors } from '../lib/collectors/load.ts'

const root = join(import.meta.dirname, '..')
const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((file) => existsSync(join(root, file)))
const sources = tracked.filter((file) => /\.(ts|js)$/.test(file))
const controls = filesIn('queries/controls', '.sql')
const collectors = await loadCollectors()

/** Licences that an Apache-2.0 work may depend on. MPL-2.0 binds its own files only, and serves the tests. */
const licences = [
  'Apache-2.0',
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'MPL-2.0',
]

describe('controls', () => {
  it.each(controls)('%s has cases for pass, fail and unknown, and two accounts', (id) => {
    const text = read(`test/controls/${id}.yaml`)
    expect(() => parse(text)).not.toThrow()
    for (const status of ['pass', 'fail', 'unknown'])
      expect(text).toMatch(new RegExp(`\\b${status}\\b`))
    expect(new Set(text.match(/\b\d{12}\b/g)).size).toBeGreaterThanOrEqual(2)
  })

  it.each(controls)('%s is at most 60 lines of SQL', (id) => {
    const sql = read(`queries/controls/${id}.sql`)
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.trim().startsWith('--'))
    expect(sql.length).toBeLessThanOrEqual(60)
  })

  it('no case is left of a control that is gone', () => {
    expect(filesIn('test/controls', '.yaml')).toEqual(controls)
  })
})

/** Where IAM calls an operation by another name than the API does. */
const actionOf: Record<string, string> = {
  ListBuckets: 'ListAllMyBuckets',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  GetBucketReplication: 'GetReplicationConfiguration',
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
}

describe('collectors', () => {
  it.each([...collectors.keys()])('%s is tested', (name) => {
    const places = [`test/collectors/${name}.yaml`, `test/collectors/${name}.test.ts`]
    expect(places.filter((file) => existsSync(join(root, file)))).not.toEqual([])
  })

  it.each([...collectors])('%s names the actions that it calls', (name, { actions }) => {
    expect(actions).toEqual([...new Set(actions)])
    for (const action of actions)
      expect(action).toMatch(/^[a-z][a-z0-9-]*:(Get|List|Describe)[A-Z]\w*$/)
    const commands = read(`lib/collectors/${name}.ts`).matchAll(
      /\b((?:Get|List|Describe)[A-Z]\w*)Command\b/g,
    )
    const operations = actions.map((action) => action.split(':')[1])
    for (const [, operation = ''] of commands)
      expect(operations).toContain(actionOf[operation] ?? operation)
  })
})

describe('dependencies', () => {
  const manifest = JSON.parse(read('package.json'))
  const named = {
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  }

  it.each(Object.entries<string>(named))('%s is pinned (%s)', (_, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
  })

  it('every imported package is declared', () => {
    const imported = sources.flatMap((file) => packagesOf(file).map((name) => `${name} in ${file}`))
    // Of `aws-lambda` there are types only.
    const declared = (name: string) =>
      Object.hasOwn(named, name) || Object.hasOwn(named, `@types/${name}`)
    expect(imported.filter((line) => !declared(line.split(' ')[0] ?? ''))).toEqual([])
  })

  it('every installed package has a licence that suits Apache-2.0', () => {
    const lock: { packages: Record<string, unknown> } = JSON.parse(read('package-lock.json'))
    const others = Object.keys(lock.packages)
      .filter((path) => path !== '' && existsSync(join(root, path, 'package.json')))
      .map((path) => ({ path, licence: licenceOf(path) }))
      .filter(({ licence }) => !suits(licence))
    expect(others).toEqual([])
  })

  it('the lock file names no place to download from but the public registry', () => {
    const lock: { packages: Record<string, { resolved?: string }> } = JSON.parse(
      read('package-lock.json'),
    )
    const hosts = Object.values(lock.packages).flatMap(({ resolved }) =>
      resolved?.includes('://') ? [new URL(resolved).host] : [],
    )
    expect(hosts.filter((host) => host !== 'registry.npmjs.org')).toEqual([])
  })
})

describe('imports', () => {
  const edges = sources.flatMap((file) => importsOf(file).map((target) => ({ file, target })))

  it.each([
    [
      'aws-cdk-lib only in bin/app.ts, lib/stack and its tests',
      /^aws-cdk-lib/,
      /^(bin\/app\.ts|(lib|test)\/stack)/,
    ],
    [
      'DuckDB only in lib/engine/duckdb.ts, and where a test watches what it is asked',
      /^@duckdb\//,
      /^(lib\/engine\/duckdb|test\/soak\/killed-run)\.ts$/,
    ],
    ['nothing but tests and benches imports test/', /^test\//, /^(test|bench)\//],
    ['nothing but benches and tests imports bench/', /^bench\//, /^(bench|test)\//],
    [
      'only lib/cli, tests and benches import the simulator',
      /^simulator\//,
      /^(simulator|test|bench|lib\/cli)\//,
    ],
    ['the simulator, which must be able to disagree, imports no lib', /^lib\//, /^(?!simulator\/)/],
    ['only bin and tests import lib/cli', /^lib\/cli\//, /^(bin|test|bench|lib\/cli)\//],
  ])('%s', (_, target, importer) => {
    expect(edges.filter((edge) => target.test(edge.target) && !importer.test(edge.file))).toEqual(
      [],
    )
  })
})

describe('sources', () => {
  const library = sources.filter((file) => file.startsWith('lib/') && !file.startsWith('lib/cli/'))

  it('the clock is a parameter in lib', () => {
    expect(offenders(library, /\bDate\.now\(\)|\bnew Date\(\)/)).toEqual([])
  })

  it('a Lambda is a door of at most 40 lines', () => {
    const doors = sources.filter((file) => file.startsWith('lambdas/') && !file.endsWith('door.ts'))
    expect(doors.filter((file) => read(file).split('\n').length > 40)).toEqual([])
  })

  it('only bin writes to the console', () => {
    const quiet = sources.filter((file) => !/^(bin|bench|test\/peers)\//.test(file))
    expect(offenders(quiet, /\bconsole\.\w+\(/)).toEqual([])
  })

  // What a collector declares of its tables is documentation, and grows with AWS.
  it('no source file is longer than 250 lines, table declarations aside', () => {
    const long = sources
      .filter((file) => !file.startsWith('test/'))
      .map((file) => ({
        file,
        lines: read(file)
          .replace(/^const tables = [\s\S]*?^}/m, '')
          .split('\n').length,
      }))
      .filter(({ lines }) => lines > 250)
    expect(long).toEqual([])
  })

  it('no file names a path of somebody’s machine or a private host', () => {
    const secret = [
      '/ro' + 'ot/',
      '/wo' + 'rk/',
      '/ho' + 'me/[a-z]',
      '\\.\\./sha' + 'red',
      '\\.lib' + 'rary',
      'fa' + 'rm-',
    ]
    const files = tracked.filter((file) => !/\.(png|parquet|gz)$/.test(file))
    expect(offenders(files, new RegExp(secret.join('|')))).toEqual([])
  })

  it('each relative link of the documentation leads somewhere', () => {
    const dead = tracked
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
          .filter(([, target]) => !existsSync(join(root, dirname(file), target ?? '')))
          .map(([, target]) => `${file}: ${target}`),
      )
    expect(dead).toEqual([])
  })
})

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function filesIn(folder: string, extension: string): string[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith(extension) && !file.endsWith('.d.ts'))
    .map((file) => basename(file, extension))
    .sort()
}

function offenders(files: string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
      ),
  )
}

/** What a file imports: packages by name, files by their path from the root. */
function importsOf(file: string): string[] {
  return specifiersOf(file).map((target) =>
    target.startsWith('.') ? relative(root, resolve(root, dirname(file), target)) : target,
  )
}

function packagesOf(file: string): string[] {
  return specifiersOf(file)
    .filter((target) => /^(@[a-z]|[a-z])/.test(target) && !target.startsWith('node:'))
    .map((target) =>
      target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/'),
    )
}

function specifiersOf(file: string): string[] {
  const found = read(file).matchAll(
    /^(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
  )
  return [...found].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
}

function licenceOf(path: string): string {
  const { license, licenses } = JSON.parse(read(join(path, 'package.json')))
  return license?.type ?? license ?? licenses?.[0]?.type ?? 'none'
}

/** `(MIT OR CC0-1.0)` suits when one alternative does. */
function suits(licence: string): boolean {
  return licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((part) => licences.includes(part.trim())))
}
