/**
 * FOR DRAWING PAGES ONLY: answers of `/api/v1` made up, for `npm run dev:mock` before a server is at hand.
 * It is in no build and no test; journeys run against the real binary. Nothing here judges like the law does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connect, Plugin } from 'vite';
import * as made from './world.ts';

/** Serves the made-up answers from `vite` and from `vite preview`. */
export function mock(): Plugin {
  return {
    name: 'skyriver-mock',
    configureServer: (server) => void server.middlewares.use(answer),
    configurePreviewServer: (server) => void server.middlewares.use(answer),
  };
}

const answer: Connect.NextHandleFunction = (request, response, next) => {
  const url = new URL(request.url ?? '/', 'http://mock');
  if (!url.pathname.startsWith('/api/v1/')) {
    next();
    return;
  }
  const path = url.pathname.slice('/api/v1'.length);
  if (path === '/events') stream(request, response);
  else json(response, route(path, url.searchParams));
};

function route(path: string, query: URLSearchParams): unknown {
  const text = (key: string) => query.get(key) ?? '';
  const frame = /^\/frames\/(\d+)$/.exec(path);
  if (frame) return made.frame(Number(frame[1]));
  switch (path) {
    case '/district':
      return made.district();
    case '/places':
      return made.places;
    case '/parameters':
      return made.parameters;
    case '/standards/air-index':
      return made.airIndex;
    case '/datastreams':
      return made.datastreams(text('place'));
    case '/readings':
      return made.readings(Number(text('datastream')), text('from'), text('to'), text('step'));
    case '/latest':
      return made.latest(text('place'));
    case '/index/now':
      return made.indexNow();
    case '/index/explain':
      return made.explain(text('place'), text('period'), text('start'));
    case '/ledger':
      return made.ledger(text('day'), text('by'));
    case '/frames':
      return made.frames(text('device'), text('disposition'), Number(text('before') || made.NEWEST + 1));
    default:
      return null;
  }
}

function json(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json');
  if (body === null) {
    response.statusCode = 404;
    const message = { zh: '模拟服务没有这个回答', en: 'The mock has no such answer' };
    response.end(JSON.stringify({ error: { code: 'unknown_route', message } }));
    return;
  }
  response.end(JSON.stringify(body));
}

function stream(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (event: string, data: unknown) => {
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  send('hello', { sequence: made.NEWEST, now: new Date().toISOString() });
  const timers = [
    setInterval(() => {
      send('latest', { sequence: made.NEWEST, items: made.latest('').items.slice(0, 20) });
    }, 2000),
    setInterval(() => {
      send('index', { items: made.indexNow().items.slice(0, 3) });
    }, 5000),
  ];
  request.on('close', () => {
    for (const timer of timers) clearInterval(timer);
  });
}
