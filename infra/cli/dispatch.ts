import { ConfigError } from '@cratersync/infra/runtime';
import { KeysUnavailable } from '@cratersync/recorder/keys';
import { AppError } from '@cratersync/signaling/protocol';
import { StartError } from '../dev/start-error.ts';
import { type Command, exitCodes, type Io, UsageError } from './command.ts';

/** Runs the command that the arguments name. @returns the exit code */
export async function dispatch(commands: readonly Command[], args: string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.print(overview(commands));
    return 0;
  }
  const command = commands.find(candidate => candidate.name === name);
  if (command === undefined) {
    io.complain(`cratersync has no ${name.startsWith('-') ? 'option' : 'command'} “${name}”.\n`);
    io.complain(overview(commands));
    return exitCodes.usage;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.print(command.usage);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    return explain(command, error, io);
  }
}

/** What a person can mend is said in a sentence; anything else is a bug, and thrown on. */
function explain(command: Command, error: unknown, io: Io): number {
  if (error instanceof UsageError || isParseArgsError(error)) {
    io.complain(`${error.message}\n\n${command.usage}`);
    return exitCodes.usage;
  }
  if (error instanceof ConfigError) {
    io.complain(error.message);
    return exitCodes.usage;
  }
  if (error instanceof AppError) {
    io.complain(error.message);
    // A key that was erased is out of reach as well: it can't be said any more what it would have opened.
    return error.blame === 'caller' && error.code !== 'erased' ? exitCodes.doesNotHold : exitCodes.unknown;
  }
  if (error instanceof KeysUnavailable || error instanceof StartError) {
    io.complain(error.message);
    return exitCodes.unknown;
  }
  throw error;
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(command => command.name.length));
  return [
    'Usage: npx cratersync COMMAND …',
    '',
    'Commands:',
    ...commands.map(command => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'npx cratersync COMMAND --help says more about one.',
  ].join('\n');
}
