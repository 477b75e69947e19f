import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Summary } from '../../lib/report/summary.ts'
import { temporaryFolder } from '../support/simulated.ts'
import { root } from './peers.ts'

const run = promisify(execFile)

describe('the package, installed in an empty folder', () => {
  let folder: string
  let summary: Summary

  /** As a newcomer does it: nothing of the repository is on the path, and no AWS credentials are. */
  async function shell(command: string): Promise<string> {
    const env = { PATH: process.env.PATH ?? '', HOME: folder, npm_config_update_notifier: 'false' }
    const options = { cwd: folder, env: { ...npmSettings(), ...env }, maxBuffer: 1 << 26 }
    const { stdout } = await run('sh', ['-euc', command], options).catch((error) => {
      throw new Error(`${command}: ${error.stdout}${error.stderr}`, { cause: error })
    })
    return stdout
  }

  beforeAll(async () => {
    folder = await temporaryFolder()
    await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root })
    await shell('npm init --yes >/dev/null && npm install --no-audit --no-fund ./strongroom-*.tgz')
    summary = JSON.parse(await shell('npx strongroom --quiet demo --json'))
  })

  it('runs the demo', () => {
    expect(summary.findings.fail).toBeGreaterThan(1000)
    expect(summary.coverage).toBeGreaterThan(0.8)
    const report = join(folder, 'strongroom-demo/reports', summary.run_id, 'report.html')
    expect(readFileSync(report, 'utf8')).toContain('</html>')
  })

  it('answers questions', async () => {
    const answer = await shell(
      'npx strongroom query --lake strongroom-demo --format csv "select count(*) as n from findings"',
    )
    const total = Object.values(summary.findings).reduce((sum, count) => sum + count)
    expect(answer).toBe(`n\n${total}\n`)
  })

  it('holds what is needed and nothing else', () => {
    const installed = join(folder, 'node_modules/strongroom')
    const top = new Set(globSync('*', { cwd: installed }))
    expect(top).toEqual(
      new Set(['dist', 'docs', 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']),
    )
    expect(globSync('dist/**/*.ts', { cwd: installed, exclude: ['**/*.d.ts'] })).toEqual([])
    for (const none of ['typescript', 'vitest', 'aws-cdk-lib', 'esbuild']) {
      expect(existsSync(join(folder, 'node_modules', none))).toBe(false)
    }
  })

  it('asks for the dependencies that its code imports, and for no other', () => {
    const dist = join(folder, 'node_modules/strongroom/dist')
    const imported = new Set(
      globSync('**/*.{js,d.ts}', { cwd: dist }).flatMap((file) =>
        [...readFileSync(join(dist, file), 'utf8').matchAll(IMPORT)].map(([, name]) => name),
      ),
    )
    const { dependencies } = JSON.parse(readFileSync(join(dist, 'package.json'), 'utf8'))
    expect([...imported].sort()).toEqual(Object.keys(dependencies).sort())
  })

  it('is used by programs, with types', async () => {
    await writeFile(
      join(folder, 'program.mts'),
      `import { type Control, loadControls } from 'strongroom'
const [first]: Control[] = loadControls()
export const id = first?.id satisfies string | undefined
// @ts-expect-error a control has no such thing
first?.nonsense
`,
    )
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    await shell(
      `node ${compiler} --strict --module nodenext --target es2024 --lib es2024,esnext.disposable --types '' --skipLibCheck program.mts`,
    )
    const said = await shell(`node -e "import('./program.mjs').then((m) => console.log(m.id))"`)
    expect(said.trim()).toMatch(/^[a-z-]+$/)
  })
})

/** The package that an import names: from a module, or when it is needed. */
const IMPORT = /(?:from |import\(|import |resolve\()'((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[\w./-]+)?'/g

/** Where npm finds packages, and whom it trusts there, as the one who runs the test has set it. */
function npmSettings(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && SETTINGS.test(name) ? [[name, value] as const] : [],
  )
  return Object.fromEntries(entries)
}

const SETTINGS =
  /^(npm_config_(?!prefix|local_prefix|global).*|(https?|no)_proxy|node_extra_ca_certs|node_use_system_ca|ssl_cert_(file|dir))$/i
