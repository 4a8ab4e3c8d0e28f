/** As our own proxy and most others make them. Whatever else somebody sends may be anything, and is not repeated. */
const WELL_FORMED = /^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** The id that a proxy in front of us gave a request, by X-Request-Id. */
export function requestIdOf(headers: NodeJS.Dict<string | string[]>): string | undefined {
  const given = headers['x-request-id'];
  return typeof given === 'string' && WELL_FORMED.test(given) ? given : undefined;
}
