import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The Chromium of this machine; undefined where there is none. `CHROMIUM` names another. */
export function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM
  return (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isExecutable)
}

/** Finds Chromium, or installs Debian's where this process may. */
export function needChromium(): string {
  const found = findChromium()
  if (found) return found
  if (process.getuid?.() !== 0 || process.platform !== 'linux') {
    throw new Error('there is no chromium: install it, or name one in CHROMIUM')
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env })
  const install = [
    'install',
    '-y',
    '-qq',
    '--no-install-recommends',
    'chromium',
    'fonts-dejavu-core',
  ]
  execFileSync('apt-get', install, { stdio: 'inherit', env })
  const installed = findChromium()
  if (!installed) throw new Error('chromium was installed, but is not on the PATH')
  return installed
}

/** A browser without a window. The sandbox of Chromium needs rights that a container has not; the page is our own. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: needChromium(), args: ['--no-sandbox'] })
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    // Most names on the PATH are not there: that is what is asked.
    return false
  }
}
