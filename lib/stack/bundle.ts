import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { stringify } from 'yaml'
import type { Config } from '../config/schema.ts'
import { openDuckdb } from '../engine/duckdb.ts'
import { type KnownStatements, knowStatements } from '../pipeline/known-statements.ts'
import { ownVersion } from '../plan.ts'
import { chartLibraryFile } from '../report/write-page.ts'
import { STEPS, type Step } from './steps.ts'

/** The code of all functions: one folder, since they share most of it; each loads what it needs. */
export interface Bundles {
  folder: string
  /** What a function loads, by step. */
  bytes: Record<Step, number>
}

const root = join(import.meta.dirname, '..', '..')

/** Folders that are lists at run time: a bundle has no folders, so it is told the names. */
const LISTS: Record<string, { folder: string; replace: [from: string, to: string][] }> = {
  'lib/collectors/load.ts': {
    folder: 'lib/collectors',
    replace: [
      ["await readdir(new URL('.', import.meta.url))", 'FILES'],
      ["import.meta.url.endsWith('.ts') ? 'ts' : 'js'", "'ts'"],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the text of a source.
      ['import(`./${name}.${extension}`)', 'import(`./${name}.ts`)'],
    ],
  },
  'lib/derive/load.ts': {
    folder: 'lib/derive',
    replace: [
      ['await readdir(import.meta.dirname)', 'FILES'],
      ["import.meta.url.endsWith('.ts') ? 'ts' : 'js'", "'ts'"],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the text of a source.
      ['import(`./${name}.derived.${extension}`)', 'import(`./${name}.derived.ts`)'],
    ],
  },
}

/**
 * Bundles the Lambdas with what they need beside them: the SQL, what that reads, and the configuration. The result is the same
 * for the same sources.
 */
export async function bundleLambdas(config: Config, folder: string): Promise<Bundles> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: STEPS.map((step) => ({ in: `lambdas/${step}.ts`, out: `${step}/index` })),
    outdir: join(folder, 'lambdas'),
    bundle: true,
    splitting: true,
    chunkNames: 'shared/[hash]',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Clients are cached, and calls counted, by the names of their classes.
    keepNames: true,
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    metafile: true,
    // CommonJS packages ask for the modules of Node by `require`.
    banner: {
      js: "import { createRequire as strongroomRequire } from 'node:module'; const require = strongroomRequire(import.meta.url);",
    },
    plugins: [lists(), sloppy()],
  })
  const manifest = { type: 'module', version: await ownVersion() }
  await writeFile(join(folder, 'lambdas', 'package.json'), JSON.stringify(manifest))
  await writeFile(join(folder, 'known-statements.json'), JSON.stringify(await statements(folder)))
  await writeFile(join(folder, 'strongroom.yaml'), stringify(config))
  await cp(join(root, 'queries'), join(folder, 'queries'), { recursive: true })
  const page = join('lib', 'report', 'page')
  await cp(join(root, page), join(folder, page), { recursive: true })
  await cp(chartLibraryFile(), join(folder, 'node_modules/echarts/dist/echarts.common.min.js'))
  return { folder, bytes: byStep((step) => bytesOf(step, metafile)) }
}

async function statements(folder: string): Promise<KnownStatements> {
  const engine = await openDuckdb({ lake: folder, tables: {} })
  try {
    return await knowStatements(engine)
  } finally {
    engine.close()
  }
}

/** The size of a step's entry and of all that it imports. */
function bytesOf(step: Step, { outputs }: Metafile): number {
  const loaded = new Set<string>()
  const visit = (file: string): void => {
    if (loaded.has(file)) return
    loaded.add(file)
    for (const { path, external } of outputs[file]?.imports ?? []) if (!external) visit(path)
  }
  for (const file of Object.keys(outputs))
    if (file.endsWith(`/lambdas/${step}/index.js`)) visit(file)
  return [...loaded].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0)
}

function byStep<T>(of: (step: Step) => T): Record<Step, T> {
  return Object.fromEntries(STEPS.map((step) => [step, of(step)])) as Record<Step, T>
}

function lists(): Plugin {
  return {
    name: 'lists',
    setup({ onLoad }) {
      for (const [file, { folder, replace }] of Object.entries(LISTS)) {
        onLoad({ filter: new RegExp(`${file.replaceAll('.', '\\.')}$`) }, async () => {
          const files = (await readdir(join(root, folder))).sort()
          let contents = await readFile(join(root, file), 'utf8')
          for (const [from, to] of replace) {
            if (!contents.includes(from)) throw new Error(`${file} no longer says ${from}`)
            contents = contents.replace(from, to)
          }
          const list = `const FILES: string[] = ${JSON.stringify(files)}\n`
          return { contents: contents + list, loader: 'ts', resolveDir: join(root, folder) }
        })
      }
    },
  }
}

/** parquetjs-lite has a file that assigns to names it never declares, which a module may not. */
function sloppy(): Plugin {
  return {
    name: 'sloppy',
    setup({ onLoad }) {
      onLoad({ filter: /parquetjs-lite\/gen-nodejs\/\w+\.js$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8')
        const contents = source.replaceAll(/^(\w+) = module\.exports\.\1 = /gm, 'var $&')
        return { contents, loader: 'js' }
      })
    },
  }
}
