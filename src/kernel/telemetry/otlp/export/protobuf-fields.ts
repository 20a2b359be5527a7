export interface ProtobufField {
  number: number
  /** Of a varint: a number, exact up to 2^53. Of everything with a length: its bytes. */
  value: number | Uint8Array
}

/**
 * The fields of a message one after the other, for the few small answers that a collector gives.
 * @throws RangeError where it is cut off or no protobuf
 */
export function* fieldsOf(message: Uint8Array): Generator<ProtobufField> {
  const reader = new Reader(message)
  while (!reader.isAtEnd) {
    const tag = reader.varint()
    const value = reader.value(tag & 7)
    yield { number: tag >>> 3, value }
  }
}

class Reader {
  readonly #bytes: Uint8Array
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length
  }

  value(wireType: number): number | Uint8Array {
    switch (wireType) {
      case 0:
        return this.varint()
      case 1:
        return this.#take(8)
      case 2:
        return this.#take(this.varint())
      case 5:
        return this.#take(4)
      default:
        throw new RangeError(`no protobuf: wire type ${wireType}`)
    }
  }

  varint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const [byte = 0] = this.#take(1)
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  #take(count: number): Uint8Array {
    const end = this.#position + count
    if (end > this.#bytes.length) throw new RangeError('no protobuf: it ends too early')
    const taken = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return taken
  }
}
