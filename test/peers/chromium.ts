import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { installDebian } from './debian.ts'

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
  installDebian(
    ['chromium', 'fonts-dejavu-core'],
    'there is no chromium: install it, or name one in CHROMIUM',
  )
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
