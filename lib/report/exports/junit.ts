import Builder from 'fast-xml-builder'
import type { ControlTexts } from '../../securityhub/texts.ts'
import type { ExportContext, ExportedFinding } from './findings.ts'

const builder = new Builder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  format: true,
  suppressEmptyNode: true,
})

/** The beginning of a JUnit report; suites follow, then its end. */
export function junitHead({ run_id }: ExportContext): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="strongroom ${run_id}">\n`
}

export const JUNIT_TAIL = '</testsuites>\n'

/** A control as a test suite: each judgement is a test; what could not be read is an error, what is waived is skipped. */
export function toJunit(
  controlId: string,
  findings: readonly ExportedFinding[],
  texts: ControlTexts,
  { as_of }: ExportContext,
): string {
  const count = (status: ExportedFinding['status']) =>
    findings.filter((finding) => finding.status === status).length
  return builder.build({
    testsuite: {
      '@name': controlId,
      '@timestamp': as_of.toISOString(),
      '@tests': findings.length,
      '@failures': count('fail'),
      '@errors': count('unknown'),
      '@skipped': count('waived'),
      testcase: findings.map((finding) => ({
        '@classname': `${controlId}.${finding.account_id}.${finding.region}`,
        '@name': plain([finding.resource_arn, finding.related_arn ?? ''].join(' ').trim()),
        ...outcome(finding, texts),
      })),
    },
  })
}

function outcome({ status, reason, severity }: ExportedFinding, texts: ControlTexts): object {
  const message = { '@message': plain(reason) }
  if (status === 'fail') {
    return { failure: { ...message, '@type': severity, '#text': plain(texts.remediation) } }
  }
  if (status === 'unknown') return { error: { ...message, '@type': 'unread' } }
  return status === 'waived' ? { skipped: message } : {}
}

/** XML 1.0 cannot hold control characters, however they are written. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f\ufffe\uffff]/g, '\ufffd').toWellFormed()
}
