/** The same memory, for numbers: V8 writes one of eight bytes in two instructions, and a byte of a Buffer in twenty. */
export function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}
