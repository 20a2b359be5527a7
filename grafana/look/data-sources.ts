import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'

/** The uids that provisioning/datasources/datasources.yaml gives. */
export const prometheus: DataSourceRef = { type: 'prometheus', uid: 'prometheus' }
export const loki: DataSourceRef = { type: 'loki', uid: 'loki' }
