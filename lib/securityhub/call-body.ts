import { BatchImportFindingsCommand } from '@aws-sdk/client-securityhub'
import type { HttpRequest } from '@smithy/types'

/** A finding of a call: its id, and where its JSON stands in the call's body. */
export interface BodyPart {
  id: string
  from: number
  to: number
}

const HEAD = '{"Findings":['
const TAIL = ']}'
/** A hundred findings as they usually are; a body that needs more grows. */
const USUAL_BYTES = 256 * 1024

/**
 * The body of one call of `BatchImportFindings`, as bytes. The findings of a call live as long as the call: as objects they outlive
 * the youngest generation of the heap a thousand times over, and as a body that the SDK writes they are copied with each doubling.
 */
export class CallBody {
  #bytes = Buffer.allocUnsafeSlow(USUAL_BYTES)
  #length = this.#bytes.write(HEAD)
  #parts: BodyPart[] = []

  get parts(): readonly BodyPart[] {
    return this.#parts
  }

  /** Bytes of the findings, each with the sign that divides it from the next. */
  get bytes(): number {
    return this.#length - HEAD.length + Math.min(this.#parts.length, 1)
  }

  /** Appends a finding's JSON, of so many bytes. */
  add(id: string, json: string, bytes: number): void {
    this.#reserve(this.#length + bytes + 1 + TAIL.length)
    if (this.#parts.length > 0) this.#length += this.#bytes.write(',', this.#length)
    const from = this.#length
    this.#length += this.#bytes.write(json, from)
    this.#parts.push({ id, from, to: this.#length })
  }

  /** What is sent to import these of its findings. It stands until findings are appended or it is cleared. */
  of(parts: readonly BodyPart[]): Buffer {
    if (parts.length < this.#parts.length) {
      const findings = parts.map(({ from, to }) => this.#bytes.toString('utf8', from, to))
      return Buffer.from(HEAD + findings.join(',') + TAIL)
    }
    const end = this.#length + this.#bytes.write(TAIL, this.#length)
    return this.#bytes.subarray(0, end)
  }

  /** Empties it for the next call. */
  clear(): void {
    this.#length = HEAD.length
    this.#parts = []
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

type Next = (args: { request: HttpRequest }) => Promise<never>

/** The command that imports findings of which the body is written already. */
export function importOf(body: Buffer): BatchImportFindingsCommand {
  const command = new BatchImportFindingsCommand({ Findings: [] })
  // In the place of the body that the SDK wrote, and before anything counts or signs it.
  const written = (next: Next) => (args: { request: HttpRequest }) => {
    args.request.body = body
    return next(args)
  }
  command.middlewareStack.addRelativeTo(written as never, {
    name: 'strongroomBody',
    relation: 'after',
    toMiddleware: 'serializerMiddleware',
  })
  return command
}
