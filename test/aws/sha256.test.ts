import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Sha256 } from '../../lib/aws/sha256.ts'

/** HMAC-SHA-256 of RFC 4231, "Test Cases"; keys and data in hexadecimal. */
const published = [
  {
    name: 'a short key',
    key: '0b'.repeat(20),
    data: '4869205468657265',
    sum: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  },
  {
    name: 'a key of text',
    key: '4a656665',
    data: '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
    sum: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    name: 'a key that is longer than a block',
    key: 'aa'.repeat(131),
    data: '54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374',
    sum: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  },
]

it.each(published)('an HMAC with $name', async ({ key, data, sum }) => {
  const hmac = new Sha256(Buffer.from(key, 'hex'))
  hmac.update(Buffer.from(data, 'hex'))
  expect(Buffer.from(await hmac.digest()).toString('hex')).toBe(sum)
})

/** FIPS 180-4, of "abc". */
it('a sum goes on after it was asked for, and begins anew when told to', async () => {
  const sum = new Sha256()
  const hex = async () => Buffer.from(await sum.digest()).toString('hex')
  sum.update(Buffer.from('ab'))
  await hex()
  sum.update(Buffer.from('c'))
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(await hex()).toBe(abc)
  sum.reset()
  sum.update(Buffer.from('abc'))
  expect(await hex()).toBe(abc)
})

it('a secret may be text, bytes or a part of a buffer', async () => {
  const property = fc.asyncProperty(fc.string(), fc.uint8Array(), async (text, data) => {
    const bytes = Buffer.from(`..${text}`)
    const secrets = [text, bytes.subarray(2), Uint8Array.from(bytes.subarray(2)).buffer]
    for (const secret of secrets) {
      const hmac = new Sha256(secret)
      hmac.update(data)
      const expected = createHmac('sha256', text).update(data).digest('hex')
      expect(Buffer.from(await hmac.digest()).toString('hex')).toBe(expected)
    }
  })
  await fc.assert(property, { seed: 1 })
})
