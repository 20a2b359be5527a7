import { writeAttributes } from './any-value.ts'
import { resourceSpansTags, resourceTags, scopeSpansTags, scopeTags } from './fields.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

// Resource, scope and schema URL are the same fields for spans as for log records.

/** The field `resource` of ResourceSpans and ResourceLogs, with its tag and length. */
export function resourceBytes(attributes: Readonly<Record<string, unknown>>): Buffer {
  const writer = new ProtobufWriter()
  const start = writer.begin(resourceSpansTags.resource)
  writeAttributes(writer, resourceTags.attributes, attributes)
  writer.end(start)
  return writer.bytes
}

/** The field `scope` of ScopeSpans and ScopeLogs, with its tag and length. */
export function scopeBytes({ name, version }: { name: string; version?: string }): Buffer {
  const writer = new ProtobufWriter()
  const start = writer.begin(scopeSpansTags.scope)
  writer.writeString(scopeTags.name, name)
  if (version) writer.writeString(scopeTags.version, version)
  writer.end(start)
  return writer.bytes
}

/** The field `schema_url` of all four; no bytes when there is none. */
export function schemaUrlBytes(url: string | undefined): Buffer {
  const writer = new ProtobufWriter(256)
  if (url) writer.writeString(resourceSpansTags.schemaUrl, url)
  return writer.bytes
}
