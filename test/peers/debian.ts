import { execFileSync } from 'node:child_process'

/**
 * Installs Debian's packages where this process may.
 * @throws Error with `otherwise`, which says what to install by hand, where it may not
 */
export function installDebian(packages: string[], otherwise: string): void {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') throw new Error(otherwise)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args: string[]) => execFileSync('apt-get', args, { stdio: 'inherit', env })
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages)
}
