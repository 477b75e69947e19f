import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, globSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What the program reads besides its modules. */
const ASSETS = [
  'package.json',
  'queries',
  'lib/report/page/*.{js,css,html}',
  '{lib,simulator}/**/*.json',
]

const root = dirname(import.meta.dirname)
const dist = join(root, 'dist')

/** Builds what `npm pack` ships: JavaScript and types, since Node runs TypeScript only outside of `node_modules`. */
function build(): void {
  rmSync(dist, { recursive: true, force: true })
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], {
    stdio: 'inherit',
  })
  for (const file of globSync(ASSETS, { cwd: root, exclude: ['**/tsconfig.json'] })) {
    cpSync(join(root, file), join(dist, file), { recursive: true })
  }
  chmodSync(join(dist, 'bin/strongroom.js'), 0o755)
}

build()
