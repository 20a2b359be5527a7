// What JSON leaves as it is although terminals and log shippers act on it: DEL, the C1 controls (U+009B starts escape
// sequences, U+0085 is a line break to some) and the Unicode line breaks.
// oxlint-disable-next-line no-control-regex
const leftByJson = /[\u007f-\u009f\u2028\u2029]/g
// oxlint-disable-next-line no-control-regex
const all = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

/** Makes every control character of a text visible: `\u000a` instead of a line break. */
export function escapeControls(text: string): string {
  return text.replace(all, escape)
}

/** A line of JSON with what `JSON.stringify` leaves raw; its meaning stays the same. */
export function escapeControlsInJson(line: string): string {
  return hasNoneLeft(line) ? line : line.replace(leftByJson, escape)
}

/** Nearly every line is ASCII, of which JSON leaves only DEL; to ask for that takes a fifth of the search by pattern. */
function hasNoneLeft(line: string): boolean {
  return Buffer.byteLength(line) === line.length && !line.includes('\u007f')
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
