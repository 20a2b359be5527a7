import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** A certificate for localhost that signs itself, with its key, and the files that hold them during the test. */
export function selfSigned(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const files = { key: join(folder, 'key.pem'), cert: join(folder, 'certificate.pem') }
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const { status } = spawnSync(
    'openssl',
    ['req', '-x509', ...kind, '-days', '1', ...subject, '-keyout', files.key, '-out', files.cert],
    { stdio: 'ignore' },
  )
  assert.equal(status, 0)
  return { key: readFileSync(files.key), cert: readFileSync(files.cert), files }
}
