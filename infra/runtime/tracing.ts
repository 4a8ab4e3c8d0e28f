import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/*
 * Spans from a command to the first chunk that is stored. Without an endpoint the API's own tracer does nothing, and costs
 * next to nothing. What a span says of itself is names and outcomes, as in the logs.
 */
const tracer = trace.getTracer('cratersync');

/** A collector that is away must not hold up the end of a process. */
const EXPORT_MS = 2000;

/** Turns tracing on for this process. @returns what sends the last spans, and ends it */
export async function startTracing(name: string, endpoint: string): Promise<() => Promise<void>> {
  // Only who traces pays for loading it.
  const [{ AsyncLocalStorageContextManager }, { OTLPTraceExporter }, { resourceFromAttributes }, sdk, core] =
    await Promise.all([
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/core'),
    ]);
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS });
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': `cratersync-${name}` }),
    spanProcessors: [
      new sdk.BatchSpanProcessor(exporter, { scheduledDelayMillis: 1000, exportTimeoutMillis: EXPORT_MS }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  // Traces that nobody takes are no reason to end otherwise than in order.
  return () => provider.shutdown().catch(() => {});
}

/** What a request to another process carries of the trace it belongs to (W3C Trace Context); undefined without one. */
export function carriedTrace(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** @param carried as `carriedTrace` gave it to the asking end; anything else is as good as nothing */
const contextOf = (carried: unknown): Context =>
  propagation.extract(ROOT_CONTEXT, typeof carried === 'string' ? { traceparent: carried } : {});

/** Does the work within a span; with `carried`, as a part of the trace that the asking end is in. */
export function traced<T>(
  name: string,
  work: (span: Span) => Promise<T>,
  carried?: { trace: unknown },
): Promise<T> {
  const parent = carried === undefined ? context.active() : contextOf(carried.trace);
  return tracer.startActiveSpan(name, {}, parent, async span => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** A span of what is going on now and ends later, elsewhere; null where nobody traces. */
export function spanOf(name: string): Span | null {
  const span = tracer.startSpan(name);
  return span.isRecording() ? span : null;
}
