import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const PREFIX = 'tocsin_';

/** Metrics of one process, with a registry of its own. A metric asked for twice is the same one. */
export class Telemetry {
  private readonly registry = new Registry();
  private readonly known = new Map<string, Counter | Gauge | Histogram>();
  private readonly scrapers: (() => Promise<void>)[] = [];

  constructor(app: string) {
    this.registry.setDefaultLabels({ app });
    collectDefaultMetrics({ register: this.registry });
  }

  counter(name: string, help: string, labels: readonly string[] = []): Counter {
    return this.once(
      name,
      () => new Counter({ name: PREFIX + name, help, labelNames: [...labels], registers: [this.registry] }),
      Counter,
    );
  }

  gauge(name: string, help: string, labels: readonly string[] = []): Gauge {
    return this.once(
      name,
      () => new Gauge({ name: PREFIX + name, help, labelNames: [...labels], registers: [this.registry] }),
      Gauge,
    );
  }

  histogram(name: string, help: string, labels: readonly string[] = [], buckets?: readonly number[]): Histogram {
    const settings = { name: PREFIX + name, help, labelNames: [...labels], registers: [this.registry] };
    return this.once(name, () => new Histogram(buckets ? { ...settings, buckets: [...buckets] } : settings), Histogram);
  }

  /** Runs before every scrape, for figures that are looked up; a failure leaves the last figure. */
  beforeScrape(update: () => Promise<void>): void {
    this.scrapers.push(update);
  }

  /** The text that Prometheus reads. */
  async scrape(): Promise<{ contentType: string; text: string }> {
    await Promise.allSettled(this.scrapers.map((update) => update()));
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }

  private once<Metric extends Counter | Gauge | Histogram>(
    name: string,
    make: () => Metric,
    Kind: new (...given: never[]) => Metric,
  ): Metric {
    const known = this.known.get(name);
    if (known instanceof Kind) return known;
    const metric = make();
    this.known.set(name, metric);
    return metric;
  }
}
