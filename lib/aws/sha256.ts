import { createHash, createHmac, createSecretKey, type Hash, type Hmac } from 'node:crypto'
import type { Checksum, SourceData } from '@smithy/types'

/**
 * Node's SHA-256, and HMAC where there is a secret, as the SDK asks for them to sign calls. Its own hands the secret over as bytes, of which Node finds out
 * by exceptions within that they are no key: three quarters of what an HMAC took, of which a call has two to six.
 */
export class Sha256 implements Checksum {
  readonly digestLength = 32
  readonly #begin: () => Hash | Hmac
  #sum: Hash | Hmac

  constructor(secret?: SourceData) {
    if (secret === undefined) this.#begin = () => createHash('sha256')
    else {
      const key = createSecretKey(bytes(secret))
      this.#begin = () => createHmac('sha256', key)
    }
    this.#sum = this.#begin()
  }

  update(data: Uint8Array): void {
    this.#sum.update(data)
  }

  /** Of all that there was until now. A sum may go on, an HMAC may not. */
  async digest(): Promise<Uint8Array> {
    return 'copy' in this.#sum ? this.#sum.copy().digest() : this.#sum.digest()
  }

  reset(): void {
    this.#sum = this.#begin()
  }
}

function bytes(data: SourceData): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return Buffer.from(data)
}
