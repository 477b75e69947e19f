import { expect, test } from 'vitest'
import { isAbsent } from '../lib/aws/absent-services.ts'

test('knows a service that AWS does not offer in a Region', () => {
  expect(isAbsent('memorydb', 'me-central-1')).toBe(true)
  expect(isAbsent('memorydb', 'eu-west-1')).toBe(false)
  expect(isAbsent('backup', 'eu-west-1')).toBe(false)
})

test('takes a Region that the data does not know for one that has the service', () => {
  expect(isAbsent('memorydb', 'xx-new-1')).toBe(false)
})
