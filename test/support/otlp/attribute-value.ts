/** An int64 is a number while that is exact, else a bigint; bytes are base64 text. */
export type AttributeValue =
  | string
  | number
  | boolean
  | bigint
  | null
  | AttributeValue[]
  | { [key: string]: AttributeValue }

export type Attributes = Record<string, AttributeValue>

export interface WireKeyValue {
  key: string
  value: WireAnyValue | null
}

export interface WireAnyValue {
  /** Which one is set; the others are absent. */
  value?: keyof typeof readers
  stringValue?: string
  boolValue?: boolean
  intValue?: string
  doubleValue?: number
  arrayValue?: { values: WireAnyValue[] }
  kvlistValue?: { values: WireKeyValue[] }
  bytesValue?: Buffer
}

export function attributesOf(pairs: readonly WireKeyValue[]): Attributes {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, attributeValueOf(value)]))
}

export function attributeValueOf(any: WireAnyValue | null): AttributeValue {
  return any?.value ? readers[any.value](any) : null
}

const readers = {
  stringValue: (any: WireAnyValue) => any.stringValue ?? null,
  boolValue: (any: WireAnyValue) => any.boolValue ?? null,
  intValue: (any: WireAnyValue) => integerOf(any.intValue ?? '0'),
  doubleValue: (any: WireAnyValue) => any.doubleValue ?? null,
  arrayValue: (any: WireAnyValue) => (any.arrayValue?.values ?? []).map(attributeValueOf),
  kvlistValue: (any: WireAnyValue) => attributesOf(any.kvlistValue?.values ?? []),
  bytesValue: (any: WireAnyValue) => any.bytesValue?.toString('base64') ?? null,
}

function integerOf(decimal: string): number | bigint {
  const number = Number(decimal)
  return Number.isSafeInteger(number) ? number : BigInt(decimal)
}
