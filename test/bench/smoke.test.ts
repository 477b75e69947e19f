import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

/** What each small form takes in seconds of a processor, where that is too much to be run with the tests; they print all the same. */
const LEFT_OUT: Record<string, string> = {
  organization: '9: a whole audit, as the neighbour’s is',
  scale: 'the largest, asked for by its name',
  workers: '10: a whole audit of more accounts',
  budget: '6, and 9 seconds of waiting for quotas',
  cost: '28: the whole pipeline twice',
  publish: '7: publishing has tests of its own, and of its memory',
  points: '6: a run is judged',
  score: '5: a run is judged, as that of points is',
  'points-collected': '3: points-paged with a lake behind it',
  page: 'it needs a browser, which the tests’ machine may not have',
  calls: '8: a whole audit',
  rivals: 'it needs an environment with Prowler',
}

describe('npm run bench', () => {
  const documented = documentedKeys(readFileSync(join(root, 'docs/performance.md'), 'utf8'))

  test('every benchmark is documented, and is run below or left out for a reason', async () => {
    const names: string[] = JSON.parse(await bench('--list'))
    expect([...documented.keys()].sort()).toEqual([...names].sort())
    expect(Object.keys(LEFT_OUT).filter((name) => !names.includes(name))).toEqual([])
  })

  test('the small forms print what is documented of them', async () => {
    const cheap = [...documented.keys()].filter((name) => !(name in LEFT_OUT))
    expect(cheap).toEqual(['cell', 'neighbour', 'points-paged', 'policy'])
    const { machine, ...measured } = JSON.parse(await bench(...cheap, '--small'))
    expect(Object.keys(machine)).toEqual(['cpu', 'cores', 'node'])
    expect(Object.keys(measured)).toEqual(cheap)
    for (const name of cheap) {
      for (const one of [measured[name]].flat()) {
        expect(Object.keys(one), name).toEqual(documented.get(name))
      }
    }
    expect(measured.neighbour[0].neighbour_calls).toBeGreaterThan(0)
    expect(measured['points-paged'].recovery_points).toBe(20_000)
  })

  test('a name that is none is refused before anything is measured', async () => {
    await expect(bench('policy', 'nothing')).rejects.toThrow('no such benchmark: nothing')
  })
})

async function bench(...args: string[]): Promise<string> {
  const script = join(root, 'bench/run.ts')
  return (await promisify(execFile)(process.execPath, [script, ...args])).stdout
}

/** The rows of the table whose first cells are names of benchmarks: keys of what they print, in their order. */
function documentedKeys(text: string): Map<string, string[]> {
  const [, table = ''] = /\n\| benchmark \|.*\n\| --- .*\n((?:\|.*\n)+)/.exec(text) ?? []
  return new Map(
    table
      .trim()
      .split('\n')
      .map((row) => {
        const [, name = '', , keys = ''] = row.split(' | ').join('|').split('|')
        return [ticked(name)[0] ?? '', ticked(keys)]
      }),
  )
}

function ticked(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)
}
