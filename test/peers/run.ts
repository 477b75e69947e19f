import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { needChromium } from './chromium.ts'
import { root, venv } from './peers.ts'
import { installTrino, trinoVersion } from './trino/install.ts'

const stamp = join(venv, 'requirements.sha256')
const results = join(venv, 'results.json')

/** The part of vitest's JSON report that is read. */
interface Report {
  numPassedTests: number
  testResults: { name: string; assertionResults: { status: string }[] }[]
}

install()
needChromium()
installTrino()
mkdirSync(join(venv, 'home'), { recursive: true })
rmSync(results, { force: true })
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const config = join(import.meta.dirname, 'vitest.config.ts')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`]
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--config', config, '--root', root, ...reporters, ...process.argv.slice(2)],
  { stdio: 'inherit' },
)
process.exitCode = summarize(status)

/** Makes the virtual environment when it is missing or made from another requirements file. */
function install(): void {
  const requirements = join(import.meta.dirname, 'requirements.txt')
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.log('making .venv from test/peers/requirements.txt')
  rmSync(venv, { recursive: true, force: true })
  execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' })
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input']
  execFileSync(join(venv, 'bin/python'), ['-m', 'pip', 'install', ...quiet, '-r', requirements], {
    stdio: 'inherit',
  })
  writeFileSync(stamp, wanted)
}

function summarize(exitCode: number | null): number {
  console.log(`peers: ${peerVersions()}`)
  if (!existsSync(results)) return exitCode || 1
  const report: Report = JSON.parse(readFileSync(results, 'utf8'))
  for (const file of report.testResults) {
    const count = (status: string): number =>
      file.assertionResults.filter((test) => test.status === status).length
    const name = file.name.slice(root.length + 1)
    console.log(`${name}: ${count('passed')} passed, ${count('failed')} failed`)
  }
  // A run in which no peer test ran proves nothing.
  return report.numPassedTests > 0 ? (exitCode ?? 1) : 1
}

function peerVersions(): string {
  const program =
    'import importlib.metadata as m; print(", ".join(f"{p} {m.version(p)}" for p in ("awscli", "boto3", "moto")))'
  const python = execFileSync(join(venv, 'bin/python'), ['-c', program], { encoding: 'utf8' })
  const browser = execFileSync(needChromium(), ['--version'], { encoding: 'utf8' })
  return `${python.trim()}, ${browser.trim()}, Trino ${trinoVersion}`
}
