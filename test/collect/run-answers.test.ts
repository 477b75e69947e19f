import { expect, test } from 'vitest'
import type { Answer } from '../../lib/collect/answer.ts'
import { listAnswers } from '../../lib/collect/run-answers.ts'
import { type Lake, openLake } from '../../lib/lake/lake.ts'
import { temporaryFolder } from '../support/simulated.ts'

async function lakeWith(answers: [unit: string, pass: number][]): Promise<Lake> {
  const lake = openLake(await temporaryFolder())
  for (const [unit, pass] of answers) {
    const account_id = unit.slice(0, 12)
    const answer: Answer = {
      ...{ run_id: 'one', unit, pass, attempt: 'a', account_id, lost: false, slices: [] },
    }
    await lake.write(`runs/one/answers/${unit}-${pass}.json`, JSON.stringify(answer))
  }
  return lake
}

test('answers are listed by account, unit and pass, and read an account at a time', async () => {
  const lake = await lakeWith([
    ['222222222222-1', 1],
    ['111111111111-organization', 1],
    ['111111111111-1', 1],
    ['111111111111-1', 12],
    ['111111111111-derive', 4],
  ])
  const answers = await listAnswers(lake, 'one')
  expect(answers.accounts).toEqual(['111111111111', '222222222222'])
  expect(answers.lastPass).toBe(12)
  expect(answers.has({ unit: '111111111111-1', pass: 12 })).toBe(true)
  expect(answers.has({ unit: '111111111111-1', pass: 2 })).toBe(false)
  const names = (await answers.of('111111111111')).map(({ unit, pass }) => `${unit} ${pass}`)
  expect(names).toEqual([
    '111111111111-1 1',
    '111111111111-1 12',
    '111111111111-derive 4',
    '111111111111-organization 1',
  ])
  expect(await answers.of('333333333333')).toEqual([])
})

test('a run without an answer has none', async () => {
  const answers = await listAnswers(openLake(await temporaryFolder()), 'one')
  expect([answers.accounts, answers.lastPass]).toEqual([[], 0])
})

test.each([
  ['half of an answer', '111111111111-1-1.json', '{"run_id": "one", "unit":'],
  ['an answer of another version', '111111111111-1-1.json', '{"run_id": "one"}'],
])('%s is told by its name', async (_, name, text) => {
  const lake = await lakeWith([])
  await lake.write(`runs/one/answers/${name}`, text)
  const answers = await listAnswers(lake, 'one')
  await expect(answers.of('111111111111')).rejects.toThrow(
    `${lake.path(`runs/one/answers/${name}`)} is not an answer of this version`,
  )
})

test('what by its name is no answer is not passed over', async () => {
  const lake = await lakeWith([])
  await lake.write('runs/one/answers/notes.json', '{}')
  await expect(listAnswers(lake, 'one')).rejects.toThrow('notes.json is not an answer')
})
