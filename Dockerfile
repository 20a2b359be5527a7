# The service's image: Node, the installed packages and the kernel, collapsed, and the service as it is; no shell, no npm.
# docker-compose.yml and .ci/run build it, clusters run it: as user 65532, on a read-only root, without any capability.
#
#   docker build --build-arg VERSION=1.2.3 --build-arg REVISION=$(git rev-parse HEAD) --tag plainsight .
#   docker build --build-arg EXAMPLE=key-value --tag plainsight-key-value .     builds examples/key-value instead
#
# The trap: nothing here can be debugged with a shell. `docker exec CONTAINER /nodejs/bin/node -e ...` is what there is.
# Pin both base images by digest if you can look one up; these tags move.

FROM node:26-trixie-slim AS tools
WORKDIR /tools
COPY package.json package-lock.json ./
COPY example[s] examples/
RUN --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts --no-audit --no-fund --workspaces=false
COPY image image

FROM node:26-trixie-slim AS dependencies
WORKDIR /app
ARG EXAMPLE=
COPY package.json package-lock.json ./
# A pattern, so that nothing is amiss where there are no examples.
COPY example[s] examples/
# What goes into the image besides the kernel: bin/main.ts, which Node starts wherever the service is, and the example.
RUN mkdir -p chosen/bin chosen/examples && \
    ln -s ../${EXAMPLE:+examples/$EXAMPLE/}src/main.ts chosen/bin/main.ts && \
    if [ -n "$EXAMPLE" ]; then cp -r examples/$EXAMPLE chosen/examples/; fi
# Node never strips types below node_modules and reads no source map unasked: both are 35 of the 63 MB installed.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
      $([ -n "$EXAMPLE" ] && echo --include-workspace-root --workspace=examples/$EXAMPLE || echo --workspaces=false) && \
    find node_modules -type f '(' -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' ')' -delete
# One file instead of hundreds: docs/decisions/010-packages-in-one-file.md.
RUN --mount=from=tools,source=/tools,target=/tools \
    node /tools/image/collapse-packages.ts .

# The same for the kernel; what is built on it stays as it was written.
FROM tools AS sources
WORKDIR /app
COPY package.json ./
COPY src src
RUN node /tools/image/collapse-kernel.ts .

# Its Node may be some weeks older than the first stage's: no package may be compiled for one Node (none is).
FROM gcr.io/distroless/nodejs26-debian13:nonroot AS application
WORKDIR /app
# In numbers, with the group: `runAsNonRoot` in Kubernetes accepts no name. All files stay root's, so no bug can rewrite them.
USER 65532:65532
ENV NODE_ENV=production
# As `npm start` has it: docs/decisions/015-small-nursery.md. A NODE_OPTIONS of the container's replaces it.
ENV NODE_OPTIONS=--max-semi-space-size=8
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/chosen ./
COPY package.json LICENSE ./
COPY --from=sources /app/src src

# What V8 compiled and Node stripped, kept: `start_ms` 632 -> 490, `docker start` to the first 200 865 -> 745 ms, for
# 2.5 MB (medians of 11 interleaved runs on two cores). The folder is named after Node's build and the user: another user
# starts as slowly as without. Node writes it at an orderly exit only, hence a real start and SIGTERM; the endpoint, where
# nobody listens, has the exporters loaded too.
FROM application AS compiled
ARG EXAMPLE=
ENV NODE_COMPILE_CACHE=/tmp/compile-cache
# An example that cannot start by itself leaves what was compiled until then.
RUN ["/nodejs/bin/node", "-e", "\
  const env = { ...process.env, PORT: 8080, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317' }; \
  const service = child_process.spawn(process.execPath, ['bin/main.ts'], { env, stdio: 'inherit' }); \
  service.once('exit', (code) => process.exit(process.env.EXAMPLE ? 0 : (code ?? 1))); \
  const ask = () => fetch('http://127.0.0.1:8080/').then(() => service.kill(), () => setTimeout(ask, 50)); \
  ask()"]

FROM application
ENV NODE_COMPILE_CACHE=/app/.compile-cache
COPY --from=compiled /tmp/compile-cache .compile-cache

EXPOSE 8080
# `http` and not `fetch`: half the processor time (40 ms a probe).
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "\
    const port = process.env.OPS_PORT || process.env.PORT || 8080; \
    http.get({ port, host: process.env.HOST || '127.0.0.1', path: '/livez' }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)) \
      .on('error', () => process.exit(1))"]
CMD ["bin/main.ts"]

# Last, since they change with every build. Empty counts as unset: the service then takes the version of package.json.
ARG VERSION=
ARG REVISION=
ARG SOURCE=
ENV VERSION=$VERSION REVISION=$REVISION
LABEL org.opencontainers.image.title="plainsight" \
      org.opencontainers.image.description="A TypeScript microservice template in which nothing happens out of sight" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.source=$SOURCE
