import { expect, test } from 'vitest'
import { CallBody } from '../../lib/securityhub/call-body.ts'
import { callFiller, sizeOf } from '../../lib/securityhub/import.ts'

function filled(findings: { Id: string; Title: string }[], body = new CallBody()): CallBody {
  for (const finding of findings) {
    const json = JSON.stringify(finding)
    body.add(finding.Id, json, Buffer.byteLength(json))
  }
  return body
}

const titled = (titles: string[]) => titles.map((Title, n) => ({ Id: `f${n}`, Title }))
const said = (body: Buffer) => JSON.parse(body.toString('utf8'))

test.each([
  ['one finding', ['a']],
  ['several', ['a', 'b', 'c']],
  ['letters of several bytes', ['the role’s “key”', '鍵 🔑…', 'z']],
  [
    'more than a body has room for at first',
    Array.from({ length: 90 }, (_, n) => `${n}é`.repeat(3_000)),
  ],
])('%s: the body is the JSON of all findings, and of some', (_, titles) => {
  const findings = titled(titles)
  const body = filled(findings)
  expect(body.parts.map(({ id }) => id)).toEqual(findings.map(({ Id }) => Id))
  expect(body.of(body.parts).toString()).toBe(JSON.stringify({ Findings: findings }))
  const some = body.parts.filter((_part, n) => n % 2 === 0)
  expect(said(body.of(some))).toEqual({ Findings: findings.filter((_finding, n) => n % 2 === 0) })
  // What was sent of it leaves it as it was.
  expect(said(body.of(body.parts))).toEqual({ Findings: findings })
  expect(body.bytes).toBe(findings.reduce((sum, one) => sum + sizeOf(JSON.stringify(one)), 0))
})

test('a body that was sent whole takes more', () => {
  const body = filled(titled(['a']))
  body.of(body.parts)
  filled([{ Id: 'later', Title: 'b' }], body)
  expect(said(body.of(body.parts))).toEqual({
    Findings: [
      { Id: 'f0', Title: 'a' },
      { Id: 'later', Title: 'b' },
    ],
  })
})

test('a body that is given back is filled anew, one that is not is nobody else’s', () => {
  const filler = callFiller()
  const fill = (id: string) => filler.add(id, `{"Id":"${id}"}`, sizeOf(`{"Id":"${id}"}`))
  fill('a')
  const first = filler.take()
  fill('b')
  const second = filler.take()
  expect(second).not.toBe(first)
  filler.giveBack(first)
  fill('c')
  filler.take()
  fill('d')
  const again = filler.take()
  expect(again).toBe(first)
  expect(said(again.of(again.parts))).toEqual({ Findings: [{ Id: 'd' }] })
  expect(said(second.of(second.parts))).toEqual({ Findings: [{ Id: 'b' }] })
})
