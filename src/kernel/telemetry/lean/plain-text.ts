// One for each character that is plain.
const plain = plainCharacters()

/**
 * Whether a text can stand in JSON, and in a log, as it is: nothing to escape, nothing that redaction could be looking
 * for (both of its patterns need a `:` or a `=`). Ordinary paths are; for the others there is the long way.
 */
export function isPlainText(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (plain[text.charCodeAt(index)] !== 1) return false
  }
  return true
}

function plainCharacters(): Uint8Array {
  const table = new Uint8Array(128)
  for (let code = 0x21; code < 0x7f; code += 1) {
    if (!'":=\\'.includes(String.fromCharCode(code))) table[code] = 1
  }
  return table
}
