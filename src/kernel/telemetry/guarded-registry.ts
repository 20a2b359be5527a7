import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import type {
  CounterConfiguration,
  GaugeConfiguration,
  HistogramConfiguration,
  OpenMetricsContentType,
  SummaryConfiguration,
} from 'prom-client'

import { guardSeries } from './series-guard.ts'

/** What a service makes its metrics with. */
export interface Metrics {
  counter<label extends string>(options: MetricOptions<CounterConfiguration<label>>): Counter<label>
  gauge<label extends string>(options: MetricOptions<GaugeConfiguration<label>>): Gauge<label>
  histogram<label extends string>(
    options: MetricOptions<HistogramConfiguration<label>>,
  ): Histogram<label>
  summary<label extends string>(options: MetricOptions<SummaryConfiguration<label>>): Summary<label>
}

export type MetricOptions<configuration> = Omit<configuration, 'registers'> & {
  /** Series that this metric may have; values beyond go to its `overflow` series. Default METRICS_MAX_SERIES. */
  maxSeries?: number
}

/**
 * A prom-client registry whose metrics cannot grow without bound. It is always OpenMetrics: prom-client changes the
 * names of counters for good when it renders that format once, and exemplars need it (see plain-exposition.ts).
 */
export class GuardedRegistry extends Registry<OpenMetricsContentType> implements Metrics {
  readonly #maxSeries: number
  readonly #overflows: Counter<'metric'>
  readonly #settle: () => void

  /** `settle` is called before values are read: for those that are still to be counted. */
  constructor(maxSeries: number, settle: () => void = () => {}) {
    super()
    this.#settle = settle
    this.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    this.#maxSeries = maxSeries
    this.#overflows = new Counter({
      name: 'metrics_series_overflow_total',
      help: 'Values that went to the overflow series, because their metric has its maximum of series.',
      labelNames: ['metric'],
      registers: [this],
    })
  }

  override metrics(): Promise<string> {
    this.#settle()
    return super.metrics()
  }

  override getMetricsAsJSON(): ReturnType<Registry['getMetricsAsJSON']> {
    this.#settle()
    return super.getMetricsAsJSON()
  }

  counter<label extends string>(
    options: MetricOptions<CounterConfiguration<label>>,
  ): Counter<label> {
    if (!options.name.endsWith('_total')) {
      throw new Error(`The counter "${options.name}" must be named "${options.name}_total".`)
    }
    return this.#guarded(new Counter({ ...options, registers: [this] }), options)
  }

  gauge<label extends string>(options: MetricOptions<GaugeConfiguration<label>>): Gauge<label> {
    return this.#guarded(new Gauge({ ...options, registers: [this] }), options)
  }

  histogram<label extends string>(
    options: MetricOptions<HistogramConfiguration<label>>,
  ): Histogram<label> {
    return this.#guarded(new Histogram({ ...options, registers: [this] }), options)
  }

  summary<label extends string>(
    options: MetricOptions<SummaryConfiguration<label>>,
  ): Summary<label> {
    return this.#guarded(new Summary({ ...options, registers: [this] }), options)
  }

  #guarded<metric extends object>(
    metric: metric,
    options: { name: string; labelNames?: readonly string[]; maxSeries?: number },
  ): metric {
    return guardSeries(metric, {
      labelNames: options.labelNames ?? [],
      maxSeries: options.maxSeries ?? this.#maxSeries,
      onOverflow: () => this.#overflows.inc({ metric: options.name }),
    })
  }
}
