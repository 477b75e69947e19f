import { Cron } from 'croner'

const HOUR_MS = 3_600_000
/** Firings that are looked at: enough to see the longest pause of schedules by the minute (a weekend) and by the year. */
const FIRINGS = 500

/** What AWS Backup uses where a rule names no schedule (BackupRuleInput.ScheduleExpression): every day at 5:00 UTC. */
const DEFAULT_SCHEDULE = 'cron(0 5 ? * * *)'

const RATE = /^rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)$/i
const RATE_HOURS = { minute: 1 / 60, hour: 1, day: 24 }

/**
 * The longest pause between two firings of an AWS schedule expression (`cron(…)` with six fields, or `rate(…)`), in hours.
 * Undefined where the expression cannot be read, or fires at most once more.
 * Source: AWS Backup, BackupRule.ScheduleExpression; EventBridge, cron expressions reference.
 */
export function longestPauseHours(
  expression: string | null,
  { timezone, from }: { timezone: string | null; from: Date },
): number | undefined {
  const schedule = expression ?? DEFAULT_SCHEDULE
  const rate = RATE.exec(schedule)
  if (rate) return Number(rate[1]) * RATE_HOURS[rate[2]?.toLowerCase() as keyof typeof RATE_HOURS]
  return knownPause(schedule, timezone ?? 'Etc/UTC', from)
}

/**
 * An organization's plans share a few schedules, and hundreds of firings of each are looked for: those found are kept, for
 * one time at a time, so that a process that lives through many runs keeps those of one.
 */
const known = { from: Number.NaN, pauses: new Map<string, number | undefined>() }

function knownPause(schedule: string, timezone: string, from: Date): number | undefined {
  if (known.from !== from.getTime()) {
    known.from = from.getTime()
    known.pauses.clear()
  }
  const key = `${timezone} ${schedule}`
  if (!known.pauses.has(key)) known.pauses.set(key, longestPause(schedule, timezone, from))
  return known.pauses.get(key)
}

function longestPause(schedule: string, timezone: string, from: Date): number | undefined {
  const firings = firingsOf(schedule, timezone, from)
  const pauses = firings
    .slice(1)
    .map((firing, n) => firing.getTime() - (firings[n]?.getTime() ?? 0))
  return pauses.length > 0 ? Math.max(...pauses) / HOUR_MS : undefined
}

function firingsOf(schedule: string, timezone: string, from: Date): Date[] {
  const fields = /^cron\((.+)\)$/i.exec(schedule.trim())?.[1]?.trim().split(/\s+/)
  if (fields?.length !== 6) return []
  const [minute, hour, dayOfMonth, month, dayOfWeek = '', year] = fields
  const pattern = ['0', minute, hour, dayOfMonth, month, sundayIsZero(dayOfWeek), year]
  try {
    const cron = new Cron(pattern.join(' ').replaceAll('?', '*'), {
      timezone,
      sloppyRanges: true,
    })
    return cron.nextRuns(FIRINGS, from)
  } catch {
    // What cannot be read has no known pause; the caller says so.
    return []
  }
}

/** AWS counts the days of the week from 1 (Sunday), everyone else from 0. The number after `#` is a week, not a day. */
function sundayIsZero(field: string): string {
  return field.replaceAll(/(?<![#/\d])\d/g, (digit) => String((Number(digit) + 6) % 7))
}
