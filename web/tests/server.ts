/**
 * Starts the real binary once for all journeys, and stops it as a person would. Its log must be clean at the end.
 *
 * TEST_BINARY     the binary (`cargo xtask test --only browser` builds it and says which)
 * TEST_SERVER     address of a server that runs already; then none is started
 * TEST_DEMO_ARGS  more arguments for `skyriver demo`
 * TEST_DEMO_LOG   of a server that runs already: the file with what it printed, for the passwords of its roles
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestProject } from 'vitest/node';

const START_MS_MAX = 180_000;
const STOP_MS_MAX = 60_000;
const ARGS = ['demo', '--port', '0', '--print-url'];

declare module 'vitest' {
  export interface ProvidedContext {
    /** Origin of the server under test, without a slash at the end. */
    server: string;
    /** Password of the account of each role, as the demo printed them. */
    passwords: Record<string, string>;
  }
}

export default async function start(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env.TEST_SERVER;
  if (running) {
    project.provide('server', new URL(running).origin);
    const log = process.env.TEST_DEMO_LOG;
    project.provide('passwords', passwordsIn(log ? readFileSync(log, 'utf8').split('\n') : []));
    return () => Promise.resolve();
  }
  const binary = process.env.TEST_BINARY ?? join(cacheFolder(), 'release', 'skyriver');
  const extra = (process.env.TEST_DEMO_ARGS ?? '').split(' ').filter(Boolean);
  const server = spawn(binary, [...ARGS, ...extra], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = keepLines(server);
  project.provide('server', await origin(server, log));
  project.provide('passwords', passwordsIn(log));
  return () => stop(server, log);
}

/** `  handler      0123456789abcdef` */
function passwordsIn(log: string[]): Record<string, string> {
  const found = log.map((line) => /^ {2}(\w+) +([0-9a-f]{16})$/.exec(line));
  return Object.fromEntries(found.flatMap((one) => (one?.[1] && one[2] ? [[one[1], one[2]]] : [])));
}

/** The first address on our own machine that the server prints. */
async function origin(server: ChildProcess, log: string[]): Promise<string> {
  let stopWaiting: () => void = () => undefined;
  const found = new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => {
      reject(new Error(`skyriver demo ${why}\n${log.slice(-20).join('\n')}`));
    };
    const look = (line: string): void => {
      const address = /https?:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+/.exec(line)?.[0];
      if (address) resolve(address);
    };
    for (const stream of [server.stdout, server.stderr]) {
      if (stream) createInterface(stream).on('line', look);
    }
    const timer = setTimeout(() => {
      server.kill('SIGKILL');
      fail(`printed no address within ${String(START_MS_MAX / 1000)} s`);
    }, START_MS_MAX);
    stopWaiting = () => {
      clearTimeout(timer);
    };
    server.once('error', (error) => {
      fail(`could not be started: ${error.message}`);
    });
    server.once('exit', (code) => {
      fail(`ended with ${String(code)} before it printed an address`);
    });
  });
  return found.finally(stopWaiting);
}

/** Ends the server; an error in its log, or an end that was none, fails the run. */
async function stop(server: ChildProcess, log: string[]): Promise<void> {
  const isRunning = server.exitCode === null && server.signalCode === null;
  if (isRunning) {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    const timer = setTimeout(() => server.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  }
  const errors = log.filter((line) => /\b(ERROR|panicked)\b/.test(line));
  if (errors.length > 0) fail(`the server's log is not clean:\n${errors.join('\n')}`);
  if (!isRunning || server.exitCode !== 0) {
    const how = String(server.signalCode ?? server.exitCode);
    fail(`the server did not end as it was asked to (${how}):\n${log.slice(-20).join('\n')}`);
  }
}

/** What is thrown after the last test only gets printed; the exit code has to be set. */
function fail(why: string): void {
  console.error(why);
  process.exitCode = 1;
}

function keepLines(server: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [server.stdout, server.stderr]) {
    if (stream) createInterface(stream).on('line', (line) => lines.push(line));
  }
  return lines;
}

/** Where `cargo xtask` builds when nobody says otherwise. */
function cacheFolder(): string {
  const chosen = process.env.CARGO_TARGET_DIR;
  if (chosen) return chosen;
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'skyriver', 'target');
}
