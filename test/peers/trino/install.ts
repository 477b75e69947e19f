import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { installDebian } from '../debian.ts'

const pom = readFileSync(join(import.meta.dirname, 'pom.xml'), 'utf8')

/** The release of Trino that is started. */
export const trinoVersion = /<trino\.version>(\d+)</.exec(pom)?.[1] ?? ''

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'strongroom')
const hash = createHash('sha256').update(pom).digest('hex').slice(0, 12)

/** Where Trino lies once it is installed; another pom.xml is another folder. */
export const trinoFolder = join(cache, `trino-${trinoVersion}-${hash}`)

/** Java releases that this Trino runs on. */
const JAVA = { from: 17, to: 21 }

/**
 * Installs Trino through Maven as this machine has it set up, once, and before that Debian's JDK and Maven where they are missing and
 * this process may.
 * @throws Error saying what to install where it may not: without Trino nothing is proven
 */
export function installTrino(): void {
  // A source file is launched, which takes a JDK.
  const missing = [
    ...(major('java', ['--version']) && major('javac', ['--version']) ? [] : [DEBIAN.jdk]),
    ...(existsSync(trinoFolder) || major('mvn', ['--batch-mode', '--version'])
      ? []
      : [DEBIAN.maven]),
  ]
  const needed = `the peer tests start Trino ${trinoVersion}: install a JDK from ${JAVA.from} to ${JAVA.to} and Maven 3`
  if (missing.length > 0) installDebian(missing, `${needed} (Debian: ${missing.join(' and ')})`)
  const java = major('java', ['--version'])
  if (!java || java < JAVA.from || java > JAVA.to) throw new Error(`${needed}; \`java\` is ${java}`)
  if (!existsSync(trinoFolder)) installJars()
}

const DEBIAN = { jdk: 'openjdk-17-jdk-headless', maven: 'maven' }

function installJars(): void {
  console.log(`installing Trino ${trinoVersion} from test/peers/trino/pom.xml into ${trinoFolder}`)
  const unfinished = `${trinoFolder}.${process.pid}`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  const file = join(import.meta.dirname, 'pom.xml')
  execFileSync(
    'mvn',
    ['--batch-mode', '--quiet', '-f', file, `-Dfolder=${unfinished}`, 'generate-resources'],
    { stdio: 'inherit' },
  )
  renameSync(unfinished, trinoFolder)
}

/** The first number in what a command prints of its version; undefined where there is no such command. */
function major(command: string, args: string[]): number | undefined {
  const { error, stdout } = spawnSync(command, args, { encoding: 'utf8' })
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined
  const version = Number(/\s(\d+)/.exec(stdout)?.[1])
  if (!version) throw new Error(`\`${command}\` says no version: ${error ?? stdout}`)
  return version
}
