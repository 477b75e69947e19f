/** @param {number | null | undefined} share */
export function percent(share) {
  return share === null || share === undefined ? '–' : `${(share * 100).toFixed(1)}%`
}

/** @param {number} n */
export function count(n) {
  return n.toLocaleString('en-US')
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export function counted(n, one, many = `${one}s`) {
  return `${count(n)} ${n === 1 ? one : many}`
}

/**
 * `23 November 2026, 08:00 UTC`
 * @param {string} iso
 */
export function moment(iso) {
  return `${day(iso)}, ${iso.slice(11, 16)} UTC`
}

/** @param {string} iso */
export function day(iso) {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return iso
  return date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
}

/**
 * Characters that would steer what is shown (controls, changes of direction), as their numbers.
 * @param {string} text
 */
export function visible(text) {
  return text.replaceAll(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/**
 * An ARN's last part, by which people know the resource.
 * @param {string} arn
 */
export function shortArn(arn) {
  const parts = arn.split(':')
  if (parts[0] !== 'arn' || parts.length < 6) return arn
  return parts.slice(5).join(':') || arn
}

/**
 * `AwsBackupRecoveryPoint` as `Backup recovery point`; abbreviations stay.
 * @param {string} type
 */
export function typeName(type) {
  const words = type
    .replace(/^Aws/, '')
    .replace('DynamoDb', 'DynamoDB ')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .trim()
    .split(/ +/)
  return words
    .map((word, index) => {
      if (/^(kms|rds|ec2|ebs|efs|dlm|drs|ami)$/i.test(word)) return word.toUpperCase()
      return index === 0 || /[A-Z].*[A-Z]/.test(word) ? word : word.toLowerCase()
    })
    .join(' ')
    .replace('Dynamo DB', 'DynamoDB')
}
