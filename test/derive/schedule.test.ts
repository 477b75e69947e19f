import { expect, it } from 'vitest'
import { longestPauseHours } from '../../lib/derive/schedule.ts'

const from = new Date('2026-11-23T07:45:00Z')

it.each([
  ['rate(12 hours)', 12],
  ['rate(1 day)', 24],
  ['rate(90 minutes)', 1.5],
  ['cron(0 5 ? * * *)', 24],
  ['cron(0 * * * ? *)', 1],
  ['cron(0/15 * * * ? *)', 0.25],
  ['cron(0 0/6 * * ? *)', 6],
  // From 17:45 on Friday to 8:00 on Monday.
  ['cron(0/15 8-17 ? * MON-FRI *)', 62.25],
  ['cron(0 5 ? * 2-6 *)', 72],
  ['cron(0 5 ? * 1 *)', 168],
  ['cron(0 5 ? * SUN,WED *)', 96],
  ['cron(0 5 1 * ? *)', 31 * 24],
  ['cron(0 5 L * ? *)', 31 * 24],
  ['cron(0 5 ? * 2#1 *)', 35 * 24],
  ['cron(0 5 ? * 6L *)', 35 * 24],
  [null, 24],
  ['cron(0 5 1 1 ? 2027)', undefined],
  ['cron(0 5 * * *)', undefined],
  ['cron(61 5 ? * * *)', undefined],
  ['every now and then', undefined],
])('the longest pause of %s is %s hours', (expression, hours) => {
  expect(longestPauseHours(expression, { timezone: 'Etc/UTC', from })).toBe(hours)
})

it('follows the time zone through the change of the clocks', () => {
  const pause = longestPauseHours('cron(0 5 ? * * *)', { timezone: 'Europe/Berlin', from })
  expect(pause).toBe(25)
})

it('knows no pause in a time zone that does not exist', () => {
  const pause = longestPauseHours('cron(0 5 ? * * *)', { timezone: 'Mars/Olympus', from })
  expect(pause).toBeUndefined()
})
