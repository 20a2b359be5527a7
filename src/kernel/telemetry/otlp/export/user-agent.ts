/** What a collector's operator sees of who sends. */
export const userAgent = `plainsight-otlp-exporter node/${process.versions.node}`
