/** What the Dockerfile gives Node besides the service: without them, another service than the image's would be measured. */
export function imageOptions(dockerfile: string): string {
  const options = /^ENV NODE_OPTIONS=(\S+)$/m.exec(dockerfile)?.[1]
  if (options === undefined) throw new Error('The Dockerfile sets no NODE_OPTIONS.')
  return options
}
