/** What the bench tells a variant. */
export const environment = {
  port: Number(process.env['PORT']),
  host: process.env['HOST'] ?? '127.0.0.1',
  upstreamUrl: process.env['UPSTREAM_URL'] ?? '',
}
